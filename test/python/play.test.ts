import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startBots } from '../../local/bots.ts'
import type { LocalWorld } from '../../local/world.ts'
import type { StatusResponse } from '../../model/wire/admin.ts'
import { auditDatabase } from '../../store/economy/ledger/audit.ts'
import { startTestWorld, worldFolder } from '../localWorld.ts'
import { PythonBots } from './pythonBots.ts'
import { pythonWithPackages } from './venv.ts'

/** JavaScript bots beside the players of Python, and how long these play at least, in seconds. */
const beside = Number(process.env['PYTHON_BOTS'] ?? 16)
const seconds = Number(process.env['PYTHON_SECONDS'] ?? 15)
/**
 * Longest gap between two snapshots of one player, in ms. The aim is 250 on a machine with nothing else to do. The default only finds a stream that stands: with more processes than cores, a
 * process waits for seconds for its turn.
 */
const gapMaxMs = Number(process.env['PYTHON_GAP_MS'] ?? 5_000)
const PLAYERS = 10
/** A slow machine needs long for what is eventual. */
const SOON = { timeout: 120_000, interval: 200 }
const python = await pythonWithPackages()

let folder: string
let policies: string
let world: LocalWorld
let playing: ReturnType<typeof startBots>

/** The tests build on each other and run in order. */
describe.skipIf(python === undefined)('the Python client beside bots', () => {
  beforeAll(async () => {
    const made = await worldFolder('python')
    folder = made.folder
    policies = made.policies
    // Small copies of the forest, so that the crowd needs several. In the town two players are enough for a line.
    await edit('forest', { capacity: '{ soft: 8, hard: 14, company: 2 }', merge: 'deadline: 2s' })
    await edit('town', { capacity: '{ soft: 2, hard: 2, company: 0 }', copies: '{ min: 1, max: 1 }' })
    const started = await startTestWorld(made, beside)
    world = started.world
    playing = startBots(started.options, world)
  })
  afterAll(async () => {
    playing?.stop()
    await playing?.ended
    await world?.[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true })
  })

  it('stands in line until seats come free', async () => {
    await using bots = bot('town', 4, 'Line')
    await bots.prints(/ [1-4] in line/)
    await edit('town', { capacity: '{ soft: 40, hard: 50, company: 0 }', copies: '{ min: 1, max: 4 }' })
    await bots.prints(/4 of 4 entered/)
    const report = await bots.report()
    expect(report.waited_in_line).toBeGreaterThan(0)
    expect(report).toMatchObject({ entered: 4, refused: {}, in_world_at_end: 4 })
  })

  it('M1, M5, T1: plays on over a merge and a drain: nobody is lost, nothing is lost, no word is lost, and the stream goes on', async () => {
    await using bots = bot('forest', PLAYERS, 'Walker', '--talk', '1')
    await using deaf = bot('forest', 2, 'Deaf', '--no-follow')
    for (const one of [bots, deaf]) await one.prints(/(\d+) of \1 entered/)
    const began = performance.now()
    await expect.poll(async () => (await copiesOf('forest')).filter(({ players }) => players > 0).length, SOON).toBeGreaterThan(1)
    // One copy is large enough for everybody now, so the others are merged into it.
    await edit('forest', { capacity: '{ soft: 100, hard: 120, company: 10 }' })
    await expect.poll(async () => (await copiesOf('forest')).length, SOON).toBe(1)
    const [last] = await copiesOf('forest')
    await order('/v1/drain', { server: last?.server ?? '' })
    await expect.poll(async () => (await allCopiesOf('forest')).some(({ server, players }) => server === last?.server && players > 0), SOON).toBe(false)
    await deaf.prints(/(Deaf \d is back after RESCUED[\s\S]*){2}/)
    await pause(Math.max(0, 1_000 * seconds - (performance.now() - began)))

    const [report, rescued] = [await bots.report(), await deaf.report()]
    process.stdout.write(`${JSON.stringify(report)}\n`)
    expect(report).toMatchObject({ entered: PLAYERS, in_world_at_end: PLAYERS, ended: {}, reconnects: {}, items_lost: 0, inputs_dropped: 0 })
    expect(report.moves['merge']).toBeGreaterThan(0)
    expect(report.moves['drain']).toBeGreaterThan(0)
    expect(report.moves_to_another_server).toBeGreaterThan(0)
    // The body stands where it stood: it walks 6 m a second, and steps of snapshots are 0.6 m.
    expect(report.jump_m.count).toBeGreaterThan(0)
    expect(report.jump_m.max).toBeLessThan(3)
    expect(report.move_gap_ms.count).toBeGreaterThan(0)
    expect(report.gap_ms.max).toBeLessThan(gapMaxMs)
    // Each hears all others, on every copy, in order.
    expect(report.chat).toMatchObject({ refused: {}, missed: 0, out_of_order: 0 })
    expect(report.chat.received).toBeGreaterThan(PLAYERS * PLAYERS)
    if (seconds >= 15) expect(report.gathered).toBeGreaterThan(0)
    // Those that ignore offers are saved, closed with RESCUED, and back.
    expect(rescued).toMatchObject({ in_world_at_end: 2, ended: {}, moves: {} })
    expect(rescued.reconnects['RESCUED']).toBeGreaterThan(1)
  })

  it('D2: enters again after its server was killed', async () => {
    await using bots = bot('marsh', 3, 'Survivor')
    await bots.prints(/3 of 3 entered/)
    const copies = await copiesOf('marsh')
    expect(copies.length).toBe(1)
    const killed = world.host.servers().find(({ id }) => id === copies[0]?.server)
    process.kill(killed?.pid ?? 0, 'SIGKILL')
    await bots.prints(/(Survivor \d is back after UNREACHABLE\s+){3}/)
    const report = await bots.report()
    expect(report).toMatchObject({ in_world_at_end: 3, ended: {}, reconnects: { UNREACHABLE: 3 } })
  })

  it('M1: the ledger accounts for every item and coin afterwards', async () => {
    const audit = await auditDatabase(world.services.postgres.url)
    expect(audit.findings).toEqual([])
    expect(audit).toMatchObject({ lostItems: 0, duplicatedItems: 0, moneyDifference: 0 })
  })
})

const bot = (map: string, count: number, name: string, ...more: string[]): PythonBots =>
  new PythonBots(python ?? '', '--matchmaker', world.matchmakerUrl, '--map', map, '--bots', String(count), '--name', name, ...more)

const copiesOf = async (map: string) => (await allCopiesOf(map)).filter(({ state }) => state === 'open')

/** Also those that are closing. */
async function allCopiesOf(map: string) {
  const answer = await fetch(`${world.orchestratorUrl}/v1/status`, { headers: { authorization: `Bearer ${world.operatorToken}` } })
  const { copies } = (await answer.json()) as StatusResponse
  return copies.filter((copy) => copy.map === map)
}

async function order(path: string, body: Record<string, string>): Promise<void> {
  const headers = { authorization: `Bearer ${world.operatorToken}`, 'content-type': 'application/json' }
  const answer = await fetch(world.orchestratorUrl + path, { method: 'POST', headers, body: JSON.stringify(body) })
  expect(answer.status, await answer.text()).toBe(200)
}

/** Changes fields of a policy, which takes effect at once. `merge`: replaces its deadline. */
async function edit(map: string, { capacity, copies, merge }: { capacity?: string; copies?: string; merge?: string }): Promise<void> {
  const file = join(policies, `${map}.yaml`)
  let text = await readFile(file, 'utf8')
  if (capacity !== undefined) text = text.replace(/capacity: \{.*\}/, `capacity: ${capacity}`)
  if (copies !== undefined) text = text.replace(/copies: \{.*\}/, `copies: ${copies}`)
  if (merge !== undefined) text = text.replace(/deadline: \w+/, merge)
  await writeFile(file, text)
}
