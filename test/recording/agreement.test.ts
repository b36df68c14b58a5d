import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { MapPolicy } from '../../model/policy/policy.ts'
import { seededRandom } from '../../model/random.ts'
import { policy } from '../../orchestrator/reconcile/testing/world.ts'
import { writeRecording } from '../../orchestrator/recording/writeRecording.ts'
import type { DaySums } from '../../score/day/daySums.ts'
import { readTrace } from '../../simulate/population/readTrace.ts'
import { type SimulationOptions, simulatedSums } from '../../simulate/simulation.ts'
import { storeOfFile } from '../storeOfFile.ts'
import { apart, between, compared } from './compare.ts'
import { PlayedWorld } from './playedWorld.ts'

const SECONDS = 1_800
const WARM_UP = 300
const capacity = { soft: 18, hard: 20, company: 3 }
/** Durations as in the demo's policies, so that merges and moves happen within minutes. */
const spec = {
  copies: { min: 1, warm: 0 },
  open: { above: '75%', patience: '0s', leadTime: '3s' },
  merge: { below: '60%', into: '90%', minAge: '30s', cancelAbove: '75%', patience: '0s', deadline: '30s' },
  moves: { perMinute: 600, perPlayerEvery: '1m' },
}
const policies = ['forest', 'hills'].map((map) => policy(map, { capacity, ...spec }))
const byMap = (all: readonly MapPolicy[]) => new Map(all.map((one) => [one.map, one]))

const { store } = await storeOfFile()
let folder: string
let file: string
let live: DaySums

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'strata-agreement-'))
  file = join(folder, 'recording.csv')
  const played = await PlayedWorld.of({ policies, players: 150, seed: 7, store: store.recordings })
  // A crowd comes and goes, so that copies open and merge.
  const crowd = (second: number): number => 0.35 + 0.3 * Math.sin((second / SECONDS) * 3 * Math.PI)
  await played.play(WARM_UP, () => 0.35)
  const before = played.score.sums()
  await played.play(SECONDS, crowd)
  live = between(before, played.score.sums())
  await played.end()
  await writeRecording(store.recordings, { from: 0, until: Number.MAX_SAFE_INTEGER / 1000 }, file)
}, 120_000)
afterAll(() => rm(folder, { recursive: true }))

async function simulated(recording = file, options: Partial<SimulationOptions> = {}): Promise<DaySums> {
  const trace = await readTrace(recording, undefined)
  return simulatedSums(trace, { policies: byMap(policies), random: seededRandom(1), bootSeconds: 1, warmUpSeconds: WARM_UP, ...options })
}

it('P4: a world that was recorded, exported and simulated with the same policies has the same figures, within bounds', async () => {
  const figures = compared(live, await simulated())
  expect(apart(figures)).toEqual([])
  // There is something to agree on.
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
  ['copies of twice the size', 'meanCopies', { policies: byMap(['forest', 'hills'].map((map) => policy(map, { ...spec, capacity: { soft: 36, hard: 40, company: 3 } }))) }],
])('a simulation with %s does not agree', async (_what, figure, options) => {
  expect(apart(compared(live, await simulated(file, options)))).toContainEqual(expect.stringContaining(figure))
})
