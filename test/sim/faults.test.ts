import { beforeAll, describe, expect, it } from 'vitest'
import { BUGS, type Bug } from '../../simulate/faults/bugs.ts'
import { type Outcome, run } from '../../simulate/faults/run.ts'
import { type Scenario, scenarioOf } from '../../simulate/faults/scenario.ts'
import { only, shrink } from '../../simulate/faults/shrink.ts'
import { type Keys, makeKeys } from '../../simulate/faults/world.ts'

let keys: Keys
beforeAll(async () => {
  keys = await makeKeys()
})
const play = (scenario: Scenario, bug?: Bug): Promise<Outcome> => run(scenario, { keys, bug })

/** Seeds checked by this test; `npm run simulate:faults` runs 1,000 by default. */
const QUICK_SEEDS = 30
/** Number of seeds within which the rules must find each deliberate mistake. */
const FOUND_WITHIN = 200

describe('the fault simulation', () => {
  it('S1, S2, S3, S4, P1, Q1, Q2, M1, M2, M5, D1, D2: hold under the faults of the first 30 seeds', { timeout: 240_000 }, async () => {
    for (let seed = 1; seed <= QUICK_SEEDS; seed++)
      expect({ seed, broken: (await play(scenarioOf(seed))).broken?.message }).toEqual({ seed, broken: undefined })
  })

  it('L3: players of a server that is short of CPU are moved off it, among the other faults of a seed', async () => {
    const { broken, history } = await play(scenarioOf(26))
    const [, move] = /move (\S+) \(relief\) ordered/.exec(history.join('\n')) ?? []
    expect(broken?.message).toBeUndefined()
    expect(history).toContainEqual(expect.stringContaining(`move ${move} settled: done`))
  })

  it('the same seed gives the same history, another seed a different one', async () => {
    const histories = [await play(scenarioOf(7)), await play(scenarioOf(7)), await play(scenarioOf(8))].map(({ history }) => history.join('\n'))
    expect(histories[1]).toBe(histories[0])
    expect(histories[2]).not.toBe(histories[0])
    expect(histories[0]?.split('\n').length).toBeGreaterThan(40)
  })

  /** The rule that each mistake breaks. It may break others first, in other seeds. */
  const rules: Record<Bug, string> = {
    'claim without epoch': 'S2',
    'seat not returned': 'S4',
    'save after release': 'S2',
    'item copied before commit': 'M1',
    'line place dropped': 'Q2',
    'login without release': 'D2',
    'batch in part': 'D2',
  }
  for (const bug of BUGS) {
    it(`${rules[bug]}: finds the deliberate mistake "${bug}" within ${FOUND_WITHIN} seeds`, { timeout: 240_000 }, async () => {
      let seed = 1
      let outcome = await play(scenarioOf(seed), bug)
      while (outcome.broken?.rule !== rules[bug] && seed < FOUND_WITHIN) outcome = await play(scenarioOf(++seed), bug)
      expect(outcome.broken?.rule).toBe(rules[bug])
    })
  }

  it('shrinks a failing scenario: the remaining events break the rule, and none of them can be left out', { timeout: 240_000 }, async () => {
    const bug = 'item copied before commit'
    const full = scenarioOf(1)
    const broken = async (scenario: Scenario): Promise<boolean> => (await play(scenario, bug)).broken?.rule === 'M1'
    const keep = await shrink(full, broken)
    expect(keep.length).toBeLessThan(full.events.length / 5)
    expect(await broken(only(full, keep))).toBe(true)
    for (const index of keep)
      expect(
        await broken(
          only(
            full,
            keep.filter((other) => other !== index),
          ),
        ),
      ).toBe(false)
  })
})
