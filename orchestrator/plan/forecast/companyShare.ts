import type { Instant } from '../../../model/clock.ts'
import type { MapPolicy } from '../../../model/policy/policy.ts'

/** How many guild-mates people have around them on a map. */
export interface Mates {
  mean: number
  at: Instant
}

/**
 * With `warm: auto` a share of every copy but one stays free for the company of those inside: where a guild can be torn, it needs
 * room to grow. Where hardly anybody has company, there is nothing to keep room for; each further guild-mate that one meets on the map on
 * average asks for less than the one before, the first for half of the most. One copy for everybody is as together as can be, and is filled up.
 */
const MOST_SHARE = 0.3
const HALF_AT_MATES = 1

/** Until it was counted. */
const USUAL_MATES = 2

export function companyShare({ open, copies }: MapPolicy, mates: Mates | undefined): number {
  if (copies.warm !== 'auto') return 0
  const mean = mates?.mean ?? USUAL_MATES
  return Math.min((MOST_SHARE * mean) / (mean + HALF_AT_MATES), open.above / 2)
}
