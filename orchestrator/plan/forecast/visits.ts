import type { DurationMs, Instant } from '../../../model/clock.ts'

/** How often players come to a map, whatever the copy. */
export interface Visits {
  /** Arrivals as of `at`; each loses half of its weight per half-life. */
  count: number
  at: Instant
  /** Population at `at`. */
  players: number
}

/** Half-life of a visit's weight. */
const HALF_LIFE_MS: DurationMs = 16 * 3_600_000
/** A map counts as visited for this long after the last change of its population, because players come back. */
const QUIET_MS: DurationMs = 15 * 60_000
/** At this weighted number of visits or fewer, the next visit is probably hours away. */
const RARE = 3

/** Counts the arrivals since `known`. `copies`: the number of copies of the map; a new leader assumes that a map with copies is visited. */
export function countVisits(known: Visits | undefined, players: number, copies: number, now: Instant): Visits {
  if (known === undefined) return { count: players + (copies > 0 ? 2 * RARE : 0), at: now, players }
  if (players === known.players) return known
  return { count: visitsBy(known, now) + Math.max(0, players - known.players), at: now, players }
}

export function rarelyVisited(visits: Visits, now: Instant): boolean {
  return now - visits.at >= QUIET_MS && visitsBy(visits, now) <= RARE
}

function visitsBy({ count, at }: Visits, now: Instant): number {
  return count * 2 ** (-(now - at) / HALF_LIFE_MS)
}
