import type { Instant } from '../../model/clock.ts'
import type { MapPolicy } from '../../model/policy/policy.ts'

/** How many guild-mates people have around them on a map. */
export interface Mates {
  mean: number
  at: Instant
}

/**
 * With `warm: auto` a share of every copy but one stays free for the company of those inside: where a guild can be torn, it needs
 * room to grow. So much for each guild-mate that one meets on the map on average; where hardly anybody has company, there is nothing
 * to keep room for. One copy for everybody is as together as can be, and is filled up.
 */
const SHARE_A_MATE = 0.05
const MOST_SHARE = 0.4

/** Until it was counted. */
const USUAL_MATES = 2

export function companyShare({ open, copies }: MapPolicy, mates: Mates | undefined): number {
  return copies.warm === 'auto' ? Math.min(SHARE_A_MATE * (mates?.mean ?? USUAL_MATES), MOST_SHARE, open.above / 2) : 0
}
