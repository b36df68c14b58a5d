import { readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { DAY_MS } from '../../model/clock.ts'
import { RECORDING_HEADER, readRecordingLine } from '../../model/recording/recordingFile.ts'
import { recordingAnswer } from '../../model/wire/recording.ts'
import { recordPast } from '../../orchestrator/recording/testing/recordPast.ts'
import { ServedWorld } from '../../orchestrator/testing/servedWorld.ts'
import { until } from '../../orchestrator/testing/until.ts'
import { freshStore } from '../freshStore.ts'
import { scratchFolder, strata } from './terminal.ts'

const TOKEN = 's3cret'
const START = Date.UTC(2026, 0, 31, 20)
const KEEP_MS = 100_000 * DAY_MS
let database: Awaited<ReturnType<typeof freshStore>>
let world: ServedWorld
let environment: { STRATA_ORCHESTRATOR: string; OPERATOR_TOKEN: string }
let folder: string

beforeAll(async () => {
  database = await freshStore()
  await recordEvening()
})
afterAll(() => database[Symbol.asyncDispose]())
beforeEach(async () => {
  folder = await scratchFolder()
  world = new ServedWorld(database.store)
  const { url } = await world.orchestrator({ adminToken: TOKEN, recording: { on: false, keepMs: KEEP_MS } })
  environment = { STRATA_ORCHESTRATOR: url, OPERATOR_TOKEN: TOKEN }
})
afterEach(async () => {
  await world[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

/** Two friends play for six minutes, with a gap of a minute after two. */
async function recordEvening(): Promise<void> {
  const { recordings } = database.store
  await recordPast(recordings, { from: START, until: START + 120_000, people: 2 })
  await recordPast(recordings, { from: START + 180_000, until: START + 360_000, people: 2 })
}

const run = (...args: string[]) => strata(['record', ...args], { environment, folder })

it('status lists the recorded times, for people and as JSON', async () => {
  const { code, out } = await run('status')
  expect(code).toBe(0)
  expect(out).toContain('Recording is off (RECORDING)')
  expect(out).toMatch(
    /FROM +UNTIL +LENGTH +MOST PLAYERS\n2026-01-31 20:00 UTC +2026-01-31 20:02 UTC +1 m 5\d s +2\n2026-01-31 20:03 UTC +2026-01-31 20:06 UTC +\d m/,
  )
  expect(recordingAnswer.parse(JSON.parse((await run('status', '--json')).out))).toMatchObject({
    on: false,
    keepMs: KEEP_MS,
    spans: [{ players: 2 }, { players: 2 }],
  })
})

it('export writes a file that the simulator reads, compressed by its name, and says what is in it', async () => {
  const { code, out, problems } = await run('export', '--from', '2026-01-31T20:00Z', '--to', '2026-01-31T21:00Z', '--out', 'evening.csv.gz', '--json')
  expect({ code, problems }).toEqual({ code: 0, problems: '' })
  const file = join(folder, 'evening.csv.gz')
  const { size, mode } = await stat(file)
  expect(JSON.parse(out)).toMatchObject({ file, rows: 4, people: 2, spans: 2, gapSeconds: 61, bytes: size })
  expect(mode & 0o777).toBe(0o600)
  const [header, ...lines] = gunzipSync(await readFile(file))
    .toString()
    .trim()
    .split('\n')
  expect(header).toBe(RECORDING_HEADER)
  expect(lines.map(readRecordingLine).filter((row) => typeof row === 'string')).toEqual([])
  const plain = await run('export', '--from', '2026-01-31T20:00Z', '--to', '2026-01-31T21:00Z', '--out', 'evening.csv')
  expect(plain.out).toMatch(
    /^4 stays of 2 people from 2026-01-31 20:00 UTC until 2026-01-31 20:0\d UTC with 1 gap of 1 m 1 s in all, written to evening\.csv\n$/,
  )
  expect(await readFile(join(folder, 'evening.csv'), 'utf8')).toBe(`${[header, ...lines].join('\n')}\n`)
  expect((await run('export', '--from', '2026-01-31T20:00Z', '--to', '2026-01-31T21:00Z')).out).toBe(await readFile(join(folder, 'evening.csv'), 'utf8'))
})

it('X1: each export is in the audit log; without the operator token, without a recording and over an existing file it is refused', async () => {
  const time = ['--from', '2026-01-31T20:00Z', '--to', '2026-01-31T20:01Z']
  await run('export', ...time, '--out', 'day.csv', '--reason', 'a new capacity')
  const [entry] = await database.store.accounts.auditLog(1)
  expect(entry).toMatchObject({ actor: 'operator', action: 'export recording', subject: 'population', reason: 'a new capacity' })
  expect(entry?.details).toEqual({ from: START, until: START + 60_000 })
  expect(await run('export', ...time, '--out', 'day.csv')).toMatchObject({ code: 2, problems: expect.stringContaining('it exists already') })
  expect(await run('export', '--from', '2025-01-31', '--to', '2025-02-01', '--out', 'old.csv')).toMatchObject({
    code: 1,
    problems: expect.stringContaining('"strata record status" lists the recorded times'),
  })
  await expect(stat(join(folder, 'old.csv'))).rejects.toThrow('ENOENT')
  expect(await run('export', '--from', 'yesterday')).toMatchObject({ code: 2, problems: expect.stringContaining('"yesterday" is neither a time') })
  await writeFile(join(folder, 'token'), 'wrong')
  expect(await run('export', ...time, '--token-file', 'token')).toMatchObject({ code: 1, problems: expect.stringContaining('--token-file') })
})

it('D3: the leader records who has a seat, and stores it when it ends', async () => {
  const before = await database.store.recordings.recordedHeads(Date.now() - DAY_MS)
  await using other = new ServedWorld(database.store)
  const orchestrator = await other.orchestrator({ adminToken: TOKEN, recording: { on: true, keepMs: KEEP_MS } })
  await world[Symbol.asyncDispose]() // it led
  await until(async () => orchestrator.leading() && (await other.open()) === 2)
  const [copy] = await other.copies()
  if (copy === undefined) throw new Error('no copy')
  const [now, holders] = [Date.now(), [{ character: 'ada', entity: 1, name: 'Ada', language: 'en' }]]
  await other.directory.holdSeats({ map: 'forest', holders, options: [{ copy: copy.id, limit: 10 }], now, deadline: now + 60_000 })
  await other.directory.takeSeat('forest', copy.id, 'ada', now)
  await until(async () => {
    const metrics = await (await fetch(`${orchestrator.url}/metrics`)).text()
    return Number(/^strata_player_seconds_total\S* ([\d.]+)$/m.exec(metrics)?.[1]) > 3
  }, 60_000)
  await orchestrator[Symbol.asyncDispose]()
  const heads = await database.store.recordings.recordedHeads(Date.now() - DAY_MS)
  expect(heads.length).toBeGreaterThan(before.length)
  expect(Math.max(...heads.map(({ players }) => players))).toBe(1)
}, 120_000)
