import type { Instant } from '../../../model/clock.ts'
import type { MapPolicy } from '../../../model/policy/policy.ts'
import { CONSTANTS } from '../../../score/constants.ts'

/** How many guild-mates a player has on a map, on average. */
export interface Mates {
  mean: number
  /** When it was measured. */
  at: Instant
}

/**
 * With `warm: auto`, the share of the seats of every copy but one that stays free for the company of the players inside, so that a guild can grow in
 * the copy where it is. The share grows with the mean number of guild-mates, more slowly with each further one; it is 0 where nobody has any. With one
 * copy the share has no effect (`comfortCapacity`), because everybody is together. `price`: of a copy, as a factor of the ordinary one.
 */
export function companyShare({ open, copies }: MapPolicy, mates: Mates | undefined, price = 1, constants = CONSTANTS): number {
  if (copies.warm !== 'auto') return 0
  const mean = mates?.mean ?? constants.firstMates
  return Math.min((constants.companyShare * mean) / (mean + constants.halfShareMates) / price, open.above / 2)
}
