import { emptyMemory } from '../orchestrator/plan/action.ts'
import { plan } from '../orchestrator/plan/plan.ts'
import { bigWorld } from './planner/bigWorld.ts'
import { quantile, type Report, rounded } from './report.ts'

export const summary = 'one plan of 100, 1,000 and 10,000 copies with 100 people each: milliseconds, and whether that grows in line'

const SIZES = [100, 1_000, 10_000]
/** Every map is looked over three times a minute, a round a second: what is done now and then is in the mean. */
const ROUNDS = 60
/** An hour before it, half a minute a round, so that the planner remembers as much as it ever does. The compiler has seen all of it then. */
const WARM_UP = 120
const WARM_UP_STEP = 30

/**
 * The production planner over worlds that live: a tenth of the copies is sparse and about to merge, some close, guilds are torn over
 * copies, and a second passes between two rounds. Planned, not applied: what the reconciler does with a plan is bounded elsewhere.
 *
 * Linear is judged twice, by what a copy costs on average. A single world of 100 copies planned over and over stays in the processor's
 * cache, which no planner beside others on a machine does; so the main ratio is to a hundred such worlds planned in turn, which are as
 * many copies, as much memory and as much garbage as the one world of 10,000.
 */
export async function run(): Promise<Report> {
  measure([1_000])
  const sizes = SIZES.map((copies) => ({ copies, ...measure([copies]) }))
  const inTurn = measure(Array.from({ length: 100 }, () => 100))
  const [small, , big] = sizes
  if (small === undefined || big === undefined) throw new Error('there are three sizes')
  return {
    planMs: big.planMs,
    planP99Ms: big.planP99Ms,
    /** 1: a copy of 10,000 costs what one of 100 does. */
    costPerCopyRatio: rounded(big.nsPerCopy / inTurn.nsPerCopy),
    costPerCopyRatioInCache: rounded(big.nsPerCopy / small.nsPerCopy),
    sizes: { ...Object.fromEntries(sizes.map(({ copies, ...figures }) => [copies, figures])), '100 × 100': inTurn },
  }
}

/** Worlds of these sizes, planned in turn: each round is a plan of all of them. */
function measure(sizes: readonly number[]): { players: number; planMs: number; planP99Ms: number; nsPerCopy: number; actions: number } {
  const worlds = sizes.map((copies) => ({ world: bigWorld(copies), memory: emptyMemory }))
  const times: number[] = []
  let actions = 0
  for (let round = 0; round < ROUNDS + WARM_UP; round++) {
    const seconds = Math.min(round, WARM_UP) * WARM_UP_STEP + Math.max(0, round - WARM_UP)
    actions = 0
    const began = performance.now()
    for (const one of worlds) {
      const planned = plan(one.world.input(seconds, one.memory))
      actions += planned.actions.length
      one.memory = planned.memory
    }
    if (round >= WARM_UP) times.push(performance.now() - began)
  }
  const copies = sizes.reduce((sum, size) => sum + size, 0)
  const mean = times.reduce((sum, time) => sum + time, 0) / times.length
  times.sort((a, b) => a - b)
  return {
    players: worlds.reduce((sum, { world }) => sum + world.players, 0),
    planMs: rounded(quantile(times, 0.5)),
    planP99Ms: rounded(quantile(times, 0.99)),
    nsPerCopy: Math.round((mean / copies) * 1e6),
    actions,
  }
}
