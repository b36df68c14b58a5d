import { type Kysely, sql } from 'kysely'
import type { Instant } from '../../model/clock.ts'
import type { Tables } from '../tables.ts'
import type { Records } from './records.ts'

const HOUR_MS = 3_600_000

/** Members who ask at the same time follow each other: the rows of their characters are locked first, in the order of their ids. */
export async function countInstance(db: Kysely<Tables>, request: Parameters<Records['countInstance']>[0]): Promise<Instant | undefined> {
  const { map, party, members, perHour, pendingMs, now } = request
  return db.transaction().execute(async (inside) => {
    await sql`SELECT FROM characters WHERE id = ANY(${[...members]}::text[]) ORDER BY id FOR NO KEY UPDATE`.execute(inside)
    const openings = await inside
      .selectFrom('instance_openings')
      .select(['character', 'party', 'at'])
      .where('character', '=', sql<string>`ANY(${[...members]}::text[])`)
      .where('map', '=', map)
      .where('at', '>', new Date(now - HOUR_MS))
      .orderBy('at')
      .execute()
    if (openings.some((opening) => opening.party === party && opening.at.getTime() > now - pendingMs)) return undefined
    // The one that has to be an hour old before there is room for another.
    const blocking = [...Map.groupBy(openings, ({ character }) => character).values()].flatMap((of) => of.at(-perHour) ?? [])
    if (blocking.length > 0) return Math.max(...blocking.map(({ at }) => at.getTime())) + HOUR_MS
    await sql`INSERT INTO instance_openings (character, map, at, party)
      SELECT id, ${map}, ${new Date(now)}, ${party} FROM characters WHERE id = ANY(${[...members]}::text[]) ON CONFLICT DO NOTHING`.execute(inside)
    return undefined
  })
}
