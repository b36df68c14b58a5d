import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { seededRandom } from '../../model/random.ts'
import { writeRecording } from '../../orchestrator/recording/writeRecording.ts'
import type { DaySums } from '../../score/day/daySums.ts'
import { readTrace } from '../../simulate/population/readTrace.ts'
import { type SimulationOptions, simulatedSums } from '../../simulate/simulation.ts'
import { storeOfFile } from '../storeOfFile.ts'
import { apart, compared } from './compare.ts'
import { PlayedWorld, type PlayOptions } from './playedWorld.ts'
import { playedPolicies, WARM_UP_SECONDS } from './policies.ts'

const policies = playedPolicies()

const { store } = await storeOfFile()
let folder: string
let file: string
let live: DaySums

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'strata-agreement-'))
  file = join(folder, 'recording.csv')
  live = await played()
}, 120_000)
afterAll(() => rm(folder, { recursive: true }))

async function played(options: Partial<PlayOptions> = {}): Promise<DaySums> {
  const sums = await (await PlayedWorld.of({ policies, players: 150, seed: 7, store: store.recordings, ...options })).measure()
  await writeRecording(store.recordings, { from: 0, until: Number.MAX_SAFE_INTEGER / 1000 }, file)
  return sums
}

async function simulated(recording = file, options: Partial<SimulationOptions> = {}): Promise<DaySums> {
  const trace = await readTrace(recording, undefined)
  return simulatedSums(trace, { policies, random: seededRandom(1), bootSeconds: 1, warmUpSeconds: WARM_UP_SECONDS, ...options })
}

it('P4: a world that was recorded, exported and simulated with the same policies has the same figures, within bounds', async () => {
  const figures = compared(live, await simulated())
  expect(apart(figures)).toEqual([])
  // The figures are not trivial: people were apart, and copies opened and merged.
  expect(figures.guildPairCohesion.live).toBeLessThan(0.98)
  expect(figures.friendPairCohesion.live).toBeLessThan(0.98)
  expect(Math.min(live.moves, live.opens, live.closes, live.partyAll)).toBeGreaterThan(5)
})

/** The recording with one column of each stay changed. */
async function without(column: 'guild' | 'party' | 'friends'): Promise<string> {
  const [header = '', ...lines] = (await readFile(file, 'utf8')).trim().split('\n')
  const index = header.split(',').indexOf(column)
  const changed = join(folder, `without-${column}.csv`)
  await writeFile(changed, [header, ...lines.map((line) => line.split(',').with(index, '').join(','))].join('\n'))
  return changed
}

it.each([
  ['guild', 'guildPairs'],
  ['party', 'partyPairs'],
  ['friends', 'friendPairs'],
] as const)('a recording that lost its column %s does not agree', async (column, figure) => {
  expect(apart(compared(live, await simulated(await without(column))))).toContainEqual(expect.stringContaining(figure))
})

it.each<[string, string, Partial<SimulationOptions>]>([
  ['a placer that knows nobody', 'guildPairCohesion', { placer: 'random' }],
  ['copies of twice the size', 'meanCopies', { policies: playedPolicies(40) }],
])('a simulation with %s does not agree', async (_what, figure, options) => {
  expect(apart(compared(live, await simulated(file, options)))).toContainEqual(expect.stringContaining(figure))
})

it('a world in which a server was short of CPU for ten minutes does not agree: it has more copies, and no policy is the reason', async () => {
  await store.recordings.forgetRecording(Number.MAX_SAFE_INTEGER / 1000)
  const strained = await played({ shortOfCpu: (second) => second >= 300 && second < 900 })
  const figures = compared(strained, await simulated())
  expect(apart(figures)).toContainEqual(expect.stringContaining('meanCopies'))
  expect(figures.meanCopies.live).toBeGreaterThan(figures.meanCopies.simulated)
  // What the recording says is not affected.
  for (const name of ['meanPlayers', 'guildPairs', 'friendPairs', 'partyPairs'] as const)
    expect([name, figures[name].apart < figures[name].most]).toEqual([name, true])
})
