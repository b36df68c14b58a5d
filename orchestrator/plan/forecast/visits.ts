import type { DurationMs, Instant } from '../../../model/clock.ts'

/** How often people come to a map, in whichever copies. */
export interface Visits {
  /** Who came, each worth half as much after every half-life, as of `at`. */
  count: number
  at: Instant
  /** How many were there then. */
  players: number
}

const HALF_LIFE_MS: DurationMs = 16 * 3_600_000
/** Who has just left may come back. */
const QUIET_MS: DurationMs = 15 * 60_000
/** With so few visits the next one is hours away, more likely than not. */
const RARE = 3

/** `copies`: how many the map has. A leader that has just begun takes a map with copies for one that is visited. */
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
