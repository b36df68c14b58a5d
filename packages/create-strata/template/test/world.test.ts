import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { StrataClient } from '@strata/client'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'

/** The whole system with this game, on random ports and with an empty database. */
let matchmaker = ''
let stop: () => Promise<void>
beforeAll(async () => {
  const state = await mkdtemp(join(tmpdir(), 'game-test-'))
  const strata = spawn('strata', ['start', '--no-view', '--policies', 'fleets', '--state', state, '--matchmaker-port', '0', '--orchestrator-port', '0'])
  const ended = once(strata, 'exit')
  let output = ''
  for (const stream of [strata.stdout, strata.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()))
  stop = async () => {
    strata.kill('SIGINT')
    await ended
    await rm(state, { recursive: true, force: true })
  }
  await vi.waitFor(() => expect(output).toMatch(/players +http/), { timeout: 100_000, interval: 100 })
  matchmaker = /players +(http:\S+)/.exec(output)?.[1] ?? ''
})
afterAll(() => stop())

it('a player walks across the meadow, and into a cave of its own', async () => {
  const client = new StrataClient({ matchmaker })
  await client.login('Ada')
  client.character = (await client.characters.create({ name: 'Ada' })).character
  const world = await client.enter({ map: 'meadow' })
  const x = (): number => world.entities.get(world.self)?.x ?? 0
  const start = x()
  world.input({ dx: 1, dy: 0 })
  await vi.waitFor(() => expect(x()).toBeGreaterThan(start + 3), { timeout: 20_000 })
  // An instance belongs to a party, also to a party of one.
  await client.party.create()
  await world.travel({ instance: 'cave' })
  expect(world.map).toBe('cave')
  expect(world.entities.get(world.self)?.name).toBe('Ada')
  await world.leave()
})
