import type { DurationMs, Instant } from '../../../model/clock.ts'
import { CLAIM_TIMEOUT_MS, STANDBY_TIMEOUT_MS } from '../../../model/move.ts'

const MINUTE_MS: DurationMs = 60_000
/** Longest time from an order to its end, in ms: an order that is written later does not end before its server does. */
const LONGEST_MOVE_MS = STANDBY_TIMEOUT_MS + CLAIM_TIMEOUT_MS
/** Share of the time left in which the players should be moved at the present rate. The rest is for orders that fail and for players who are busy. */
const SHARE_OF_TIME = 0.5

/** The players of one copy on a server that ends at `leavesBy`; Infinity when it does not end. */
export interface Leaving {
  players: number
  leavesBy: Instant
}

/**
 * Moves per minute that empty the copies of ending servers in time. `moves.perMinute` spares players many moves at once; a player who is not moved before the
 * server ends is disconnected, which is worse. Infinity when there is no time to spread the moves; 0 when no server ends.
 */
export function evacuationPerMinute(copies: readonly Leaving[], now: Instant): number {
  let perMinute = 0
  for (const { players, leavesBy } of copies) {
    const spread = (leavesBy - LONGEST_MOVE_MS - now) * SHARE_OF_TIME
    if (players > 0 && leavesBy < Number.POSITIVE_INFINITY) perMinute += spread <= MINUTE_MS ? Number.POSITIVE_INFINITY : (players * MINUTE_MS) / spread
  }
  return Math.ceil(perMinute)
}
