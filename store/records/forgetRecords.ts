import { type Kysely, sql } from 'kysely'
import { DAY_MS, type DurationMs, type Instant } from '../../model/clock.ts'
import { deleteInBatches } from '../database/inBatches.ts'
import type { Tables } from '../tables.ts'

/** How long hops are kept, in ms: longer than `hopCooldown.forget` of a usual policy. */
const HOPS_MS = 30 * DAY_MS
/** How long acquaintances are kept without a new meeting, in ms: after that many half-lives their closeness is 0. */
const ACQUAINTANCES_MS = 60 * DAY_MS
/** How long opened instances are kept, in ms. The limit counts only those of the last hour. */
const OPENINGS_MS = DAY_MS
/** How long the times of day of a map are kept after the planner last wrote them, in ms. */
const DAY_SHAPES_MS = 60 * DAY_MS
/** How long the crowds of a map's events are kept after the last one, in ms: longer than a year, because some events come once a year. */
const EVENT_CROWDS_MS = 400 * DAY_MS

/** How long violations are kept, in ms: long enough for an appeal after a ban. */
const VIOLATIONS_MS = 60 * DAY_MS

/** For each table: the column with the instant, and the age in ms from which on its rows have no effect. */
const kept: readonly [table: keyof Tables, column: string, ageMs: DurationMs][] = [
  ['locks', 'until', 0],
  ['party_invitations', 'expires_at', 0],
  ['hops', 'at', HOPS_MS],
  ['acquaintances', 'at', ACQUAINTANCES_MS],
  ['instance_openings', 'at', OPENINGS_MS],
  ['day_shapes', 'at', DAY_SHAPES_MS],
  ['event_crowds', 'at', EVENT_CROWDS_MS],
  ['violations', 'at', VIOLATIONS_MS],
]

export async function forgetRecords(db: Kysely<Tables>, now: Instant): Promise<number> {
  let forgotten = 0
  for (const [table, column, ageMs] of kept)
    forgotten += await deleteInBatches(db, { table, where: sql`${sql.ref(column)} < ${new Date(now - ageMs)}`, by: column })
  return forgotten
}
