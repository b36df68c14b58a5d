import { type Kysely, sql } from 'kysely'
import type { Instant } from '../../model/clock.ts'
import type { CharacterId, Epoch } from '../../model/ids.ts'
import { toJsonb } from '../database/json.ts'
import type { Tables } from '../tables.ts'
import type { Lock, LockKey } from './records.ts'

/**
 * One statement for all members of a raid. It locks the rows of the characters against claims, so that a server that has just lost a character takes no
 * lock for it (rule S2). It locks them in the order of their ids, so that two statements do not deadlock.
 */
export async function takeLocks(
  db: Kysely<Tables>,
  { key, until, deed }: Lock & { deed: string },
  holders: readonly { character: CharacterId; epoch: Epoch }[],
  now: Instant,
): Promise<CharacterId[]> {
  const { rows } = await sql<{ character: CharacterId }>`
    INSERT INTO locks (character, key, deed, taken, until)
    SELECT c.id, ${key}, ${deed}, ${new Date(now)}, ${new Date(until)}
      FROM (
        SELECT id FROM characters JOIN jsonb_to_recordset(${toJsonb(holders)}::jsonb) AS h (character text, epoch bigint)
          ON h.character = characters.id AND h.epoch = characters.epoch ORDER BY id FOR SHARE OF characters
      ) c
    ON CONFLICT (character, key) DO UPDATE SET deed = excluded.deed, taken = excluded.taken, until = excluded.until
      WHERE locks.until <= excluded.taken OR locks.deed = excluded.deed
    RETURNING character`.execute(db)
  return rows.map(({ character }) => character)
}

export async function releaseLock(db: Kysely<Tables>, key: LockKey, character: CharacterId, deed: string): Promise<boolean> {
  const { numDeletedRows } = await db.deleteFrom('locks').where('character', '=', character).where('key', '=', key).where('deed', '=', deed).executeTakeFirst()
  return numDeletedRows === 1n
}

export async function lockedOut(db: Kysely<Tables>, key: LockKey, characters: readonly CharacterId[], now: Instant): Promise<Map<CharacterId, Instant>> {
  const rows = await db
    .selectFrom('locks')
    .select(['character', 'until'])
    .where('character', '=', sql<string>`ANY(${[...characters]}::text[])`)
    .where('key', '=', key)
    .where('until', '>', new Date(now))
    .execute()
  return new Map(rows.map(({ character, until }) => [character, until.getTime()]))
}

export async function locksOf(db: Kysely<Tables>, character: CharacterId, now: Instant): Promise<Lock[]> {
  const rows = await db
    .selectFrom('locks')
    .select(['key', 'until'])
    .where('character', '=', character)
    .where('until', '>', new Date(now))
    .orderBy('until')
    .orderBy('key')
    .execute()
  return rows.map(({ key, until }) => ({ key, until: until.getTime() }))
}
