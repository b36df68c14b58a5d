import type { DurationMs } from '../../../model/clock.ts'

/** Within this distance, in metres, an entity counts as near: players fight and talk at it. */
const NEAR_M = 10
/** Longest time in ms between two updates of a changing entity that is near, as long as the budget allows. Clients draw 100 ms in the past. */
const NEAR_EVERY_MS: DurationMs = 100
/** The same for an entity at the radius of sight. In between it grows linearly. Half a second is hardly seen at 60 m. */
const FAR_EVERY_MS: DurationMs = 500
/** From this age on, in ms, a change is sent although the budget is spent: nobody in sight is older than 1 s, with the time of the network. */
const OVERDUE_MS: DurationMs = 700

/** How much more often members of the party, and entities that act on the viewer, are updated. */
export const PARTY_WEIGHT = 2
export const ACTING_WEIGHT = 4
/** How much more seldom an entity is updated of which only fields with urgency `late` have changed. */
export const LATE_WEIGHT = 0.25

/** Ranks are 0 to `RANKS` − 1. From `FLOOR` on an update is sent although the budget is spent, up to the limit of the floor. */
export const RANKS = 32
export const FLOOR = RANKS - 2
/** An update that was due this long ago, in multiples of its interval, has the highest rank below the floor. */
const LATEST = 3

/** Time in ms between two updates of a changing entity. `distance` and `radius` in metres; `thin` as in `Moment`. */
export function intervalMs(distance: number, { radius, weight, thin }: { radius: number; weight: number; thin: number }): DurationMs {
  if (distance <= NEAR_M) return NEAR_EVERY_MS / weight
  const share = Math.min(1, (distance - NEAR_M) / Math.max(1, radius - NEAR_M))
  return ((NEAR_EVERY_MS + share * (FAR_EVERY_MS - NEAR_EVERY_MS)) * thin) / weight
}

/** Rank of an update. `ageMs`: for how long the client has not been up to date about the entity. */
export function rankOf(ageMs: DurationMs, everyMs: DurationMs): number {
  if (ageMs >= OVERDUE_MS) return RANKS - 1
  return Math.min(FLOOR - 1, Math.floor(((FLOOR - 1) * ageMs) / (LATEST * everyMs)))
}

/** The rank from which on an update is due: its interval has passed. */
export const DUE = Math.floor((FLOOR - 1) / LATEST)
