import { emptyMemory } from '../orchestrator/plan/action.ts'
import { plan } from '../orchestrator/plan/plan.ts'
import { bigWorld } from './planner/bigWorld.ts'
import { quantile, type Report, rounded } from './report.ts'

export const summary = 'one plan for 100, 1,000 and 10,000 copies with 100 players each: time, and whether it grows linearly'

const SIZES = [100, 1_000, 10_000]
/** Measured rounds, one per second of virtual time. A minute includes the work that the planner does only every few seconds. */
const ROUNDS = 60
/** Rounds before the measurement. They cover an hour of virtual time, which fills the planner's memory and lets V8 compile all code. */
const WARM_UP = 120
/** Virtual time per warm-up round, in seconds. */
const WARM_UP_STEP = 30

/**
 * Runs the production planner over worlds in which a tenth of the copies is sparse and due to merge, some copies are closing and guilds
 * are split over copies. One second passes between two rounds. Plans are not applied.
 *
 * Whether time grows linearly is judged by the average time per copy, in two ways. A single world of 100 copies that is planned again and
 * again stays in the CPU cache, unlike in production. The main ratio therefore compares with a hundred such worlds planned in turn: they
 * have as many copies, as much memory and as much garbage as the one world of 10,000 copies.
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
    /** 1 means that a copy costs the same among 10,000 as among 100. */
    costPerCopyRatio: rounded(big.nsPerCopy / inTurn.nsPerCopy),
    costPerCopyRatioInCache: rounded(big.nsPerCopy / small.nsPerCopy),
    sizes: { ...Object.fromEntries(sizes.map(({ copies, ...figures }) => [copies, figures])), '100 × 100': inTurn },
  }
}

/** Plans worlds of these sizes in turn; a round plans each of them once. */
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
