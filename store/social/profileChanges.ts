import { type Kysely, sql } from 'kysely'
import type { AccountId, CharacterId } from '../../model/ids.ts'
import type { Tables } from '../tables.ts'
import type { TakenChanges } from './social.ts'

/**
 * Notes a block for the characters of these accounts that are in the world. Call it after the commit: the trigger did not see a character that entered since, and
 * its server may have read the profile before the commit.
 */
export async function noteBlocked(db: Kysely<Tables>, accounts: readonly AccountId[]): Promise<void> {
  if (accounts.length === 0) return
  await sql`
    INSERT INTO profile_changes (character, repeated)
    SELECT c.id, true FROM unnest(${[...new Set(accounts)]}::text[]) AS x (account)
      CROSS JOIN LATERAL (SELECT id FROM characters WHERE account = x.account AND live_copy IS NOT NULL OFFSET 0) c`.execute(db)
}

/**
 * Each taken change comes back `againAfterMs` later, as a row marked `repeated`. A repeated row comes back until it is settled, so that a change outlives any
 * caller that stops before it has applied it. Rows that another caller holds are skipped.
 */
export async function takeProfileChanges(db: Kysely<Tables>, limit: number, againAfterMs: number): Promise<TakenChanges> {
  const { rows } = await sql<{ id: string; character: CharacterId; settles: boolean }>`
    WITH taken AS (
      DELETE FROM profile_changes WHERE id IN (
        SELECT id FROM profile_changes WHERE due <= now() ORDER BY due LIMIT ${limit} FOR UPDATE SKIP LOCKED
      ) RETURNING character, repeated
    ), again AS (
      INSERT INTO profile_changes (character, due, repeated)
      SELECT DISTINCT character, now() + ${againAfterMs} * interval '1 millisecond', true FROM taken RETURNING id, character
    )
    SELECT again.id, again.character, (SELECT bool_and(taken.repeated) FROM taken WHERE taken.character = again.character) AS settles FROM again`.execute(db)
  return { characters: rows.map(({ character }) => character), toSettle: rows.flatMap(({ id, settles }) => (settles ? [id] : [])) }
}

export async function settleProfileChanges(db: Kysely<Tables>, changes: readonly string[]): Promise<void> {
  if (changes.length > 0) await sql`DELETE FROM profile_changes WHERE id = ANY(${changes}::bigint[])`.execute(db)
}
