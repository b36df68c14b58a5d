import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
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
  attributes: { key: string; value: { stringValue?: string } }[]
}

/** A slow machine needs long for what is eventual; spans are sent every five seconds. */
const SOON = { timeout: 60_000, interval: 500 }
let folder: string
let collector: ChildProcess
let address: string
let policies: string
let world: LocalWorld

const allSpans = async () => (await (await fetch(`${address}/spans`)).json()) as CollectedSpan[] // the fixture has checked them
/** The spans of one trace. They may begin in the same millisecond, so that their times give no order. */
const spansOf = async (traceId: string) => (await allSpans()).filter((span) => span.traceId === traceId)
const named = (spans: readonly CollectedSpan[]): string[] => spans.map(({ service, name }) => `${service} ${name}`).sort()
/** The name of each span's parent; of a span without a parent in the trace, the parent's id. */
function parentsOf(spans: readonly CollectedSpan[]): Record<string, string> {
  const ids = new Map(spans.map(({ spanId, name }) => [spanId, name]))
  return Object.fromEntries(spans.map(({ name, parentSpanId = '' }) => [name, ids.get(parentSpanId) ?? parentSpanId]))
}

/** Writes the policy of a map, while the world runs or before it starts: that of `fleets/` with a change. */
async function writePolicy(map: string, change: (text: string) => string): Promise<void> {
  await writeFile(join(policies, `${map}.yaml`), change(await readFile(`fleets/${map}.yaml`, 'utf8')))
}
const ofOneSeat = (text: string): string => text.replace(/capacity: .*/, 'capacity: { soft: 1, hard: 1, company: 0 }')

async function signedIn(name: string): Promise<StrataClient> {
  const client = new StrataClient({ matchmaker: world.matchmakerUrl })
  await client.login(name.toLowerCase())
  await client.characters.create({ name: `Traced ${name}` })
  return client
}

describe('traces', () => {
  beforeAll(async () => {
    const made = await worldFolder('traces')
    ;({ folder, policies } = made)
    await writePolicy('marsh', ofOneSeat)
    await writePolicy('town', (text) => ofOneSeat(text).replace(/copies: .*/, 'copies: { min: 1, max: 1 }'))
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
    const client = await signedIn('Ada')
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
    expect(parentsOf(await spansOf(entered))).toEqual({
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

  it('a player who waited in line has one trace, from the request over the promotion to the room', async () => {
    const [first, second] = [await signedIn('Bela'), await signedIn('Cato')]
    const there = await first.enter({ map: 'town' })
    let waits = (): void => undefined
    const inLine = new Promise<void>((resolve) => {
      waits = resolve
    })
    const entering = second.enter({ map: 'town' }, { onLine: () => waits() })
    await inLine
    await there.leave()
    const here = await entering
    const trace = here.traceId
    const seen = ['matchmaker enter', 'matchmaker join line', 'matchmaker wait in line', 'matchmaker sign ticket', 'gameserver join room', 'gameserver claim']
    await expect.poll(async () => named(await spansOf(trace)), SOON).toEqual(expect.arrayContaining(seen.map((name) => `strata-${name}`)))
    expect(parentsOf(await spansOf(trace))).toMatchObject({
      // Both requests have the parent that the client's header names.
      ...{ enter: trace.slice(16), 'wait in line': trace.slice(16) },
      ...{ 'join line': 'enter', 'sign ticket': 'wait in line', 'join room': 'sign ticket', 'take seat': 'join room', claim: 'join room' },
    })
    await here.leave()
    await expect.poll(async () => named(await spansOf(trace)), SOON).toContain('strata-gameserver save')
  }, 180_000)

  it('a merge has one trace, from the order of the orchestrator through both servers', async () => {
    const people = [await signedIn('Dara'), await signedIn('Emil')]
    const worlds = []
    for (const client of people) worlds.push(await client.enter({ map: 'marsh' }))
    const moved = Promise.race(worlds.map((here) => new Promise((resolve) => here.on('moved', resolve))))
    await writePolicy('marsh', (text) => text)
    await moved
    const ordered = async () =>
      (await allSpans()).find(
        ({ service, name, attributes }) =>
          service === 'strata-orchestrator' &&
          name === 'order move' &&
          attributes.some(({ key, value }) => key === 'strata.cause' && value.stringValue === 'merge'),
      )
    await expect.poll(ordered, SOON).toBeDefined()
    const trace = (await ordered())?.traceId ?? ''
    const steps = ['orchestrator order move', 'gameserver move', 'gameserver join room', 'gameserver release', 'gameserver activate', 'gameserver claim']
    await expect.poll(async () => named(await spansOf(trace)), SOON).toEqual(expect.arrayContaining(steps.map((name) => `strata-${name}`)))
    expect(parentsOf(await spansOf(trace))).toMatchObject({
      'order move': '',
      move: 'order move',
      'join room': 'order move',
      release: 'move',
      claim: 'activate',
    })
    await expect.poll(() => logLinesOf(trace), SOON).toEqual(expect.arrayContaining([expect.stringContaining('move ended')]))
    for (const here of worlds) await here.leave()
  }, 180_000)

  async function logLinesOf(traceId: string): Promise<string[]> {
    const files = (await readdir(join(folder, 'log'))).filter((file) => file.endsWith('.log'))
    const lines = (await Promise.all(files.map((file) => readFile(join(folder, 'log', file), 'utf8')))).flatMap((text) => text.split('\n'))
    return lines.filter((line) => line.includes(`"trace_id":"${traceId}"`))
  }
})
