import type { Instant } from '../../../model/clock.ts'
import { CONSTANTS, type Constants } from '../../../score/constants.ts'

/** How often players come to a map, whatever the copy. */
export interface Visits {
  /** Arrivals as of `at`; each loses half of its weight per half-life. */
  count: number
  at: Instant
  /** Population at `at`. */
  players: number
}

interface Present {
  players: number
  /** Copies of the map. A new leader assumes that a map with copies is visited. */
  copies: number
  now: Instant
}

/** Counts the arrivals since `known`. */
export function countVisits(known: Visits | undefined, { players, copies, now }: Present, constants = CONSTANTS): Visits {
  if (known === undefined) return { count: players + (copies > 0 ? 2 * constants.rareVisits : 0), at: now, players }
  if (players === known.players) return known
  return { count: visitsBy(known, now, constants) + Math.max(0, players - known.players), at: now, players }
}

export function rarelyVisited(visits: Visits, now: Instant, constants = CONSTANTS): boolean {
  return now - visits.at >= constants.quietMs && visitsBy(visits, now, constants) <= constants.rareVisits
}

function visitsBy({ count, at }: Visits, now: Instant, { visitHalfLifeMs }: Constants): number {
  return count * 2 ** (-(now - at) / visitHalfLifeMs)
}
