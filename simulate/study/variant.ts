import type { MapPolicy } from '../../model/policy/policy.ts'
import { CONSTANTS, type Constants } from '../../score/constants.ts'
import type { Settings } from './settings.ts'

/** One run of a study: what differs from the shipped constants and the given policies. It is sent to a worker, and written to the file of results. */
export interface Variant {
  seed: number
  /** Factors of the budgets of all policies; 1 when missing. */
  budgets?: { moves?: number; copies?: number }
  constants?: Partial<Constants>
  settings?: Settings
}

export function constantsWith({ constants }: Variant): Constants {
  return { ...CONSTANTS, ...constants }
}

export function policyWith(policy: MapPolicy, { budgets: { moves = 1, copies = 1 } = {}, settings }: Variant): MapPolicy {
  const budgets = { movesPerPlayerHour: policy.budgets.movesPerPlayerHour * moves, copies: policy.budgets.copies * copies }
  if (settings === undefined) return { ...policy, budgets }
  const { weights, merge, open, reunitePerPlayerHour } = settings
  return {
    ...policy,
    budgets,
    merge: { ...policy.merge, ...merge },
    open: { ...policy.open, ...open },
    moves: { ...policy.moves, reunitePerPlayerHour },
    placement: { ...policy.placement, weights: { ...policy.placement.weights, ...weights } },
  }
}
