import { defined } from '../../model/defined.ts'
import type { MapPolicy } from '../../model/policy/policy.ts'
import { seededRandom } from '../../model/random.ts'
import type { Score } from '../../score/day/daySums.ts'
import type { Options } from '../options.ts'
import { prepare } from '../prepare.ts'
import { policiesFor } from '../shippedPolicy.ts'
import { simulate } from '../simulation.ts'
import { constantsWith, policyWith, type Variant } from './variant.ts'

/** What a worker receives: the day, then one run after the other. */
export type ToWorker = { options: Options } | { index: number; variant: Variant }
/** What it answers to a run. `allowed`: the budgets of the run, as a mean over the maps. */
export interface Ran {
  index: number
  score: Score
  allowed: { moves: number; copies: number }
  seconds: number
}

let ready: Promise<(variant: Variant) => Omit<Ran, 'index'>> | undefined

process.on('message', (message: ToWorker) => void take(message))
process.on('disconnect', () => process.exit())

async function take(message: ToWorker): Promise<void> {
  if ('options' in message) ready = runnerOf(message.options)
  else if (ready !== undefined) process.send?.({ index: message.index, ...(await ready)(message.variant) } satisfies Ran)
}

async function runnerOf(options: Options): Promise<(variant: Variant) => Omit<Ran, 'index'>> {
  const { trace, warmUpSeconds, policiesIn } = await prepare(options)
  const shipped = policiesFor(trace, await policiesIn(options.policies))
  const { bootSeconds, planSeconds, placer } = options
  return (variant) => {
    const began = performance.now()
    const policies = new Map(Array.from(shipped, ([map, policy]) => [map, policyWith(policy, variant)]))
    const random = seededRandom(variant.seed)
    const score = simulate(trace, { policies, random, ...defined({ bootSeconds, planSeconds, placer, warmUpSeconds }), constants: constantsWith(variant) })
    const mean = (of: (policy: MapPolicy) => number): number => {
      const sum = [...policies.values()].reduce((before, policy) => before + of(policy), 0)
      return Math.round((sum / policies.size) * 1e9) / 1e9
    }
    const allowed = { moves: mean(({ budgets }) => budgets.movesPerPlayerHour), copies: mean(({ budgets }) => budgets.copies) }
    return { score, allowed, seconds: (performance.now() - began) / 1000 }
  }
}
