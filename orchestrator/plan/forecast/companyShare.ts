import type { Instant } from '../../../model/clock.ts'
import type { MapPolicy } from '../../../model/policy/policy.ts'

/** How many guild-mates a player has on a map, on average. */
export interface Mates {
  mean: number
  /** When it was measured. */
  at: Instant
}

/** Largest share of the seats that is kept free for company at the ordinary price of a copy, and the mean number of guild-mates at which half of it is kept. */
const MAX_SHARE = 0.31
const HALF_AT_MATES = 1

/** Mean number of guild-mates that is assumed before the first measurement. */
const DEFAULT_MATES = 2

/**
 * With `warm: auto`, the share of the seats of every copy but one that stays free for the company of the players inside, so that a guild can grow in
 * the copy where it is. The share grows with the mean number of guild-mates, more slowly with each further one; it is 0 where nobody has any. With one
 * copy the share has no effect (`comfortCapacity`), because everybody is together. `price`: of a copy, as a factor of the ordinary one.
 */
export function companyShare({ open, copies }: MapPolicy, mates: Mates | undefined, price = 1): number {
  if (copies.warm !== 'auto') return 0
  const mean = mates?.mean ?? DEFAULT_MATES
  return Math.min((MAX_SHARE * mean) / (mean + HALF_AT_MATES) / price, open.above / 2)
}
