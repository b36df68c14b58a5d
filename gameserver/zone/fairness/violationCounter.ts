import type { Instant } from '../../../model/clock.ts'
import { ACTION_LIMIT_MAX, type FairnessAction, type FairnessPolicy, fairnessActions, type ViolationKind } from '../../../model/fairness.ts'

/** Counts the violations of one character within the window of the policy, and says which actions they call for. */
export class ViolationCounter {
  readonly #times = new Map<ViolationKind, Instant[]>()

  /** Counts one violation. Returns the actions that the policy asks for at this number. `warn` and `flag` come once for each window, not with every violation. */
  add(kind: ViolationKind, { windowMs, kinds }: FairnessPolicy, now: Instant): Set<FairnessAction> {
    const times = (this.#times.get(kind) ?? []).filter((at) => now - at < windowMs).slice(1 - ACTION_LIMIT_MAX)
    times.push(now)
    this.#times.set(kind, times)
    const limits = kinds[kind]
    const taken = (action: FairnessAction): boolean => {
      const from = limits[action]
      if (from === 0 || times.length < from) return false
      return action === 'correct' || action === 'kick' || times.length === from
    }
    return new Set(fairnessActions.filter(taken))
  }
}
