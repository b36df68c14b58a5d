import type { Kysely } from 'kysely'
import { DAY_MS, type Instant } from '../../model/clock.ts'
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

export async function forgetRecords(db: Kysely<Tables>, now: Instant): Promise<number> {
  const results = [
    await db.deleteFrom('locks').where('until', '<', new Date(now)).executeTakeFirst(),
    await db
      .deleteFrom('hops')
      .where('at', '<', new Date(now - HOPS_MS))
      .executeTakeFirst(),
    await db
      .deleteFrom('acquaintances')
      .where('at', '<', new Date(now - ACQUAINTANCES_MS))
      .executeTakeFirst(),
    await db
      .deleteFrom('instance_openings')
      .where('at', '<', new Date(now - OPENINGS_MS))
      .executeTakeFirst(),
    await db
      .deleteFrom('day_shapes')
      .where('at', '<', new Date(now - DAY_SHAPES_MS))
      .executeTakeFirst(),
    await db
      .deleteFrom('event_crowds')
      .where('at', '<', new Date(now - EVENT_CROWDS_MS))
      .executeTakeFirst(),
  ]
  return results.reduce((sum, { numDeletedRows }) => sum + Number(numDeletedRows), 0)
}
