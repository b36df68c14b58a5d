import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../model/random.ts'
import { CONSTANTS, constantNames } from '../../score/constants.ts'
import { noSums, scoreOf } from '../../score/day/daySums.ts'
import { parseOptions } from '../options.ts'
import { shippedPolicy } from '../shippedPolicy.ts'
import { againstRandom, randomReport, randomVariants } from './againstRandom.ts'
import { frontierOf, frontierReport, frontierVariants } from './frontier.ts'
import { plotFrontier } from './plotFrontier.ts'
import { type Runs, runAll } from './runAll.ts'
import { dayName } from './runStudy.ts'
import { sensitivityOf, sensitivityReport, sensitivityVariants } from './sensitivity.ts'
import { drawSettings } from './settings.ts'
import { policyWith } from './variant.ts'

/** A run with these figures. */
function ran(guildPairCohesion: number, forcedMovesPerPlayerHour = 0.005, copiesOverNeed = 0.1): Runs[number] {
  return { score: { ...scoreOf(noSums()), guildPairCohesion, forcedMovesPerPlayerHour, copiesOverNeed }, allowed: { moves: 0.01, copies: 0.12 }, seconds: 1 }
}

describe('studies of a day', () => {
  it('the frontier scales one budget of every policy and shows how much of it was spent', () => {
    const variants = frontierVariants('moves', 1)
    const budgets = variants.map((variant) => policyWith(shippedPolicy('forest'), variant).budgets)
    expect(budgets.map(({ movesPerPlayerHour }) => movesPerPlayerHour)).toEqual([0.0025, 0.005, 0.01, 0.02, 0.04])
    expect(new Set(budgets.map(({ copies }) => copies))).toEqual(new Set([0.12]))
    const points = frontierOf('moves', variants, [ran(0.9), ran(0.95), ran(0.97), ran(0.98), ran(0.99)])
    expect(frontierReport('moves', points, undefined)).toMatch(/x 0\.25 +0\.0100 +0\.0050 +0\.50 +0\.9000/)
    expect(plotFrontier('moves', points, 'a day & a night').match(/<circle/g)).toHaveLength(15)
    expect(plotFrontier('moves', points, 'a day & a night')).toContain('a day &amp; a night; ')
  })

  it('the sensitivity halves and doubles every constant once, and marks what exceeds the noise of the seeds', () => {
    const variants = sensitivityVariants(1)
    for (const name of constantNames) {
      const values = variants.flatMap(({ constants }) => constants?.[name] ?? [])
      expect(values, name).toHaveLength(2)
      expect(values[0], name).toBeLessThan(CONSTANTS[name])
      expect(values[1], name).toBeGreaterThan(CONSTANTS[name])
    }
    const [first = expect.unreachable(), second = expect.unreachable()] = constantNames
    const runs = variants.map(({ seed, constants = {} }) => ran(first in constants ? 0.9 : 0.97 + seed / 1_000 + (second in constants ? 0.001 : 0)))
    const found = sensitivityOf(variants, runs)
    expect(found.noise.guild).toBeCloseTo(Math.sqrt(2.5) / 1_000)
    expect(found.changes[0]?.halved.guild).toBeCloseTo(-0.071)
    expect(sensitivityReport(found)).toContain('-0.0710*')
    expect(sensitivityReport(found)).toContain(`(${constantNames.length - 1} of ${constantNames.length}): ${second}`)
  })

  it('of random settings only those within the budgets compete with the policy', () => {
    const runs = [ran(0.97), ran(0.99, 0.011), ran(0.985, 0.01, 0.121), ran(0.96), ran(0.965)]
    const found = againstRandom(randomVariants(4, 1), runs)
    expect(found).toMatchObject({ settings: 4, within: 2, policy: { guild: 0.97 }, best: { guild: { figures: { guild: 0.965 } } } })
    expect(randomReport(found)).toContain('the policy less the best: guild +0.0050')
    const none = againstRandom(randomVariants(1, 1), [ran(0.97), ran(0.99, 0.02)])
    expect(randomReport(none)).toContain('0 of them within')
  })

  it('drawn settings are valid policies, and the first of them do not change when more are drawn', () => {
    for (let seed = 0; seed < 200; seed++) {
      const { merge, open } = drawSettings(seededRandom(seed)).settings
      expect(merge.below).toBeLessThan(merge.into)
      expect(Math.max(merge.into, open.above)).toBeLessThanOrEqual(1)
      expect(merge.patienceMs).toBeLessThanOrEqual(shippedPolicy('forest').merge.deadlineMs)
    }
    expect(randomVariants(2, 1)).toEqual(randomVariants(5, 1).slice(0, 3))
  })

  it('options name one study', () => {
    const parsed = (...args: string[]) => parseOptions(['--generate', 'ordinary', ...args])
    expect(parsed('--frontier', 'copies', '--jobs', '3')).toMatchObject({ study: { kind: 'frontier', budget: 'copies' }, jobs: 3, plot: 'frontier.svg' })
    expect(parsed('--against-random', '200')?.study).toEqual({ kind: 'random', settings: 200 })
    expect(parsed('--factors', 'churn=2,guilds=0.5')?.factors).toEqual({ churn: 2, guilds: 0.5 })
    expect(() => parsed('--factors', 'churn')).toThrow('not churn')
    expect(() => parsed('--factors', 'luck=2')).toThrow('churn, guilds, peak; not luck')
    expect(() => parsed('--frontier', 'gold')).toThrow('moves, copies; not gold')
    expect(() => parsed('--frontier', 'moves', '--sensitivity')).toThrow('exclude each other')
    expect(() => parsed('--sensitivity', '--compare', 'drafts')).toThrow('--compare')
  })

  it('runs go through worker processes in any number, give the same scores, and are not repeated when the file has them', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'strata-study-'))
    try {
      const results = join(folder, 'runs.jsonl')
      const args = ['--generate', 'ordinary', '--players', '150', '--realms', '2', '--maps', 'forest,plains', '--results', results]
      const options = (...more: string[]) => parseOptions([...args, ...more]) ?? expect.unreachable()
      const variants = [{ seed: 1 }, { seed: 2 }, { seed: 1, constants: { companyShare: 0 } }]
      const first = await runAll(options('--jobs', '2'), variants.slice(0, 2), () => undefined)
      // A study that was killed while it wrote.
      appendFileSync(results, '{"key":"')
      const done: number[] = []
      const all = await runAll(options('--jobs', '1'), variants, (n) => done.push(n))
      expect(done).toEqual([2, 3])
      expect(all.slice(0, 2)).toEqual(first)
      expect(readFileSync(results, 'utf8').trim().split('\n')).toHaveLength(3)
      expect(all[0]?.score.meanPlayers).toBeGreaterThan(50)
      expect(all[0]?.allowed).toEqual({ moves: 0.01, copies: 0.12 })
    } finally {
      rmSync(folder, { recursive: true })
    }
  }, 60_000)
})

it('a picture names the file of its day, and not the folder of this machine', () => {
  expect(dayName({ generate: undefined, derive: undefined, trace: '/home/me/days/day.csv.gz', seed: 1 })).toBe('as recorded (day.csv.gz), seed 1')
})
