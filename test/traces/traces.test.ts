import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { StrataClient } from '../../client/index.ts'
import type { LocalWorld } from '../../local/world.ts'
import { startTestWorld, worldFolder } from '../localWorld.ts'

interface CollectedSpan {
  traceId: string
  spanId: string
  parentSpanId?: string
  name: string
  service: string
}

/** A slow machine needs long for what is eventual; spans are sent every five seconds. */
const SOON = { timeout: 60_000, interval: 500 }
let folder: string
let collector: ChildProcess
let address: string
let world: LocalWorld

/** The spans of one trace. They may begin in the same millisecond, so that their times give no order. */
async function spansOf(traceId: string): Promise<CollectedSpan[]> {
  const all = (await (await fetch(`${address}/spans`)).json()) as CollectedSpan[] // the fixture has checked them
  return all.filter((span) => span.traceId === traceId)
}
const named = (spans: readonly CollectedSpan[]): string[] => spans.map(({ service, name }) => `${service} ${name}`).sort()

describe('traces', () => {
  beforeAll(async () => {
    const made = await worldFolder('traces')
    folder = made.folder
    collector = spawn(process.execPath, ['test/traces/fixtures/collector.ts'], { stdio: ['ignore', 'pipe', 'inherit'] })
    const [port] = (await once(collector.stdout ?? collector, 'data')) as [Buffer]
    address = `http://127.0.0.1:${port.toString().trim()}`
    process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = address
    world = (await startTestWorld(made)).world
  }, 180_000)
  afterAll(async () => {
    delete process.env['OTEL_EXPORTER_OTLP_ENDPOINT']
    await world?.[Symbol.asyncDispose]()
    collector?.kill()
    await rm(folder, { recursive: true, force: true })
  })

  it('one trace leads from the client through the matchmaker to the room, another one through a move to the last save', async () => {
    const client = new StrataClient({ matchmaker: world.matchmakerUrl })
    await client.login('traced')
    await client.characters.create({ name: 'Traced Ada' })
    const here = await client.enter({ map: 'forest' })
    const entered = here.traceId
    await expect
      .poll(async () => named(await spansOf(entered)), SOON)
      .toEqual([
        'strata-gameserver claim',
        'strata-gameserver join room',
        'strata-gameserver take seat',
        'strata-gameserver wait until let go',
        'strata-matchmaker enter',
        'strata-matchmaker hold seats',
        'strata-matchmaker place party',
        'strata-matchmaker sign ticket',
      ])
    const spans = await spansOf(entered)
    const ids = new Map(spans.map(({ spanId, name }) => [spanId, name]))
    const parents = Object.fromEntries(spans.map(({ name, parentSpanId = '' }) => [name, ids.get(parentSpanId) ?? parentSpanId]))
    expect(parents).toEqual({
      // The client makes no spans: the root has the parent that its header names.
      enter: entered.slice(16),
      ...{ 'place party': 'enter', 'hold seats': 'place party', 'sign ticket': 'enter' },
      ...{ 'join room': 'sign ticket', 'take seat': 'join room', 'wait until let go': 'join room', claim: 'join room' },
    })

    await here.travel({ map: 'hills' })
    const travelled = here.traceId
    expect(travelled).not.toBe(entered)
    const during = [
      'matchmaker travel',
      'matchmaker order move',
      'gameserver move',
      'gameserver join room',
      'gameserver release',
      'gameserver activate',
      'gameserver claim',
    ]
    await expect.poll(async () => named(await spansOf(travelled)), SOON).toEqual(expect.arrayContaining(during.map((name) => `strata-${name}`)))
    await here.leave()
    await expect.poll(async () => named(await spansOf(travelled)), SOON).toContain('strata-gameserver save')
    await expect.poll(() => logLinesOf(travelled), SOON).toEqual(expect.arrayContaining([expect.stringContaining('move ended')]))
  }, 180_000)

  async function logLinesOf(traceId: string): Promise<string[]> {
    const files = (await readdir(join(folder, 'log'))).filter((file) => file.endsWith('.log'))
    const lines = (await Promise.all(files.map((file) => readFile(join(folder, 'log', file), 'utf8')))).flatMap((text) => text.split('\n'))
    return lines.filter((line) => line.includes(`"trace_id":"${traceId}"`))
  }
})
