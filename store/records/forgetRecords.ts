import type { Kysely } from 'kysely'
import { DAY_MS, type Instant } from '../../model/clock.ts'
import type { Tables } from '../tables.ts'

/** Longer than any policy's `hopCooldown.forget` is likely to be. */
const HOPS_MS = 30 * DAY_MS
/** After so many half-lives nobody is known any more. */
const ACQUAINTANCES_MS = 60 * DAY_MS
const OPENINGS_MS = DAY_MS
/** Of a map that nobody has planned since. */
const DAY_SHAPES_MS = 60 * DAY_MS

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
  ]
  return results.reduce((sum, { numDeletedRows }) => sum + Number(numDeletedRows), 0)
}
