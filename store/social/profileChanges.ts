import { type Kysely, sql } from 'kysely'
import type { CharacterId } from '../../model/ids.ts'
import type { Tables } from '../tables.ts'

/** A taken change comes back once, `againAfterMs` later, as a row marked `repeated`. Rows that another caller holds are skipped. */
export async function takeProfileChanges(db: Kysely<Tables>, limit: number, againAfterMs: number): Promise<CharacterId[]> {
  const { rows } = await sql<{ character: CharacterId }>`
    WITH taken AS (
      DELETE FROM profile_changes WHERE id IN (
        SELECT id FROM profile_changes WHERE due <= now() ORDER BY due LIMIT ${limit} FOR UPDATE SKIP LOCKED
      ) RETURNING character, repeated
    ), again AS (
      INSERT INTO profile_changes (character, due, repeated)
      SELECT DISTINCT character, now() + ${againAfterMs} * interval '1 millisecond', true FROM taken WHERE NOT repeated
    )
    SELECT DISTINCT character FROM taken`.execute(db)
  return rows.map(({ character }) => character)
}
