import { type Kysely, sql } from 'kysely'
import type { Instant } from '../../model/clock.ts'
import type { Attributes, CharacterId, Epoch } from '../../model/ids.ts'
import { type Acquaintances, addMinutesTogether } from '../../model/placement/acquaintance.ts'
import { toJsonb } from '../database/json.ts'
import type { Tables } from '../tables.ts'

/** Rows per transaction, so that the locks for a large crowd do not delay logins. */
const BATCH_SIZE = 250

/** Locks the rows in the order of their ids, adds the minutes and writes the rows back. Ignores characters that do not exist. */
export async function recordMeetings(
  db: Kysely<Tables>,
  minutes: ReadonlyMap<CharacterId, Readonly<Record<CharacterId, number>>>,
  now: Instant,
): Promise<void> {
  const characters = [...minutes.keys()].sort()
  for (let from = 0; from < characters.length; from += BATCH_SIZE) {
    const batch = characters.slice(from, from + BATCH_SIZE)
    await db.transaction().execute(async (tx) => {
      await sql`INSERT INTO acquaintances (character, at, minutes)
        SELECT id, ${new Date(now)}, '{}' FROM characters WHERE id = ANY(${batch}::text[]) ORDER BY id ON CONFLICT DO NOTHING`.execute(tx)
      const rows = await tx.selectFrom('acquaintances').selectAll().where('character', 'in', batch).orderBy('character').forUpdate().execute()
      const next = rows.map(({ character, at, minutes: before }) => {
        const met: Acquaintances = { at: at.getTime(), minutes: before }
        return { character, minutes: addMinutesTogether(met, minutes.get(character) ?? {}, now).minutes }
      })
      await sql`UPDATE acquaintances a SET minutes = n.minutes, at = ${new Date(now)}
        FROM jsonb_to_recordset(${toJsonb(next)}::jsonb) AS n (character text, minutes jsonb) WHERE a.character = n.character`.execute(tx)
    })
  }
}

export async function describe(db: Kysely<Tables>, character: CharacterId, epoch: Epoch, attributes: Attributes): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('characters')
    .set({ attributes: toJsonb(attributes) })
    .where('id', '=', character)
    .where('epoch', '=', epoch)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}
