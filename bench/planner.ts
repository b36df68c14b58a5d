import { emptyMemory, type PlanMemory } from '../orchestrator/plan/action.ts'
import { plan } from '../orchestrator/plan/plan.ts'
import { bigWorld } from './planner/bigWorld.ts'
import { quantile, type Report, rounded } from './report.ts'

export const summary = 'one plan of 100, 1,000 and 10,000 copies with 100 people each: milliseconds, and whether that grows in line'

const ROUNDS = 40
/** The first rounds are the compiler's. */
const WARM_UP = 10

/**
 * The production planner over worlds that live: a tenth of the copies is sparse and about to merge, some close, guilds are torn over
 * copies, and a second passes between two rounds. Planned, not applied: what the reconciler does with a plan is bounded elsewhere.
 */
export async function run(): Promise<Report> {
  const sizes = [100, 1_000, 10_000].map((copies) => ({ copies, ...measure(copies) }))
  const [small, , big] = sizes
  return {
    planMs: big?.planMs ?? null,
    planP99Ms: big?.planP99Ms ?? null,
    /** 1: a copy of 10,000 costs what one of 100 does. */
    costPerCopyRatio: big === undefined || small === undefined ? null : rounded(big.planMs / big.copies / (small.planMs / small.copies)),
    sizes: Object.fromEntries(sizes.map(({ copies, ...figures }) => [copies, figures])),
  }
}

function measure(copies: number): { players: number; planMs: number; planP99Ms: number; actions: number } {
  const world = bigWorld(copies)
  let memory: PlanMemory = emptyMemory
  const times: number[] = []
  let actions = 0
  for (let round = 0; round < ROUNDS + WARM_UP; round++) {
    const input = world.input(round, memory)
    const began = performance.now()
    const planned = plan(input)
    if (round >= WARM_UP) times.push(performance.now() - began)
    memory = planned.memory
    actions = planned.actions.length
  }
  times.sort((a, b) => a - b)
  return { players: world.players, planMs: rounded(quantile(times, 0.5)), planP99Ms: rounded(quantile(times, 0.99)), actions }
}
