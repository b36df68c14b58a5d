import { type Kysely, sql } from 'kysely'
import type { Instant } from '../../model/clock.ts'
import type { Tables } from '../tables.ts'
import type { Records } from './records.ts'

const HOUR_MS = 3_600_000

/** Locks the rows of the members in the order of their ids, so that requests of the same members run one after the other. */
export async function countInstance(db: Kysely<Tables>, request: Parameters<Records['countInstance']>[0]): Promise<Instant | undefined> {
  const { map, party, members, perHour, pendingMs, now } = request
  return db.transaction().execute(async (tx) => {
    await sql`SELECT FROM characters WHERE id = ANY(${[...members]}::text[]) ORDER BY id FOR NO KEY UPDATE`.execute(tx)
    const openings = await tx
      .selectFrom('instance_openings')
      .select(['character', 'party', 'at'])
      .where('character', '=', sql<string>`ANY(${[...members]}::text[])`)
      .where('map', '=', map)
      .where('at', '>', new Date(now - HOUR_MS))
      .orderBy('at')
      .execute()
    if (openings.some((opening) => opening.party === party && opening.at.getTime() > now - pendingMs)) return undefined
    // For each member at the limit: the opening that must become an hour old before the next one is allowed.
    const blocking = [...Map.groupBy(openings, ({ character }) => character).values()].flatMap((of) => of.at(-perHour) ?? [])
    if (blocking.length > 0) return Math.max(...blocking.map(({ at }) => at.getTime())) + HOUR_MS
    await sql`INSERT INTO instance_openings (character, map, at, party)
      SELECT id, ${map}, ${new Date(now)}, ${party} FROM characters WHERE id = ANY(${[...members]}::text[]) ON CONFLICT DO NOTHING`.execute(tx)
    return undefined
  })
}
