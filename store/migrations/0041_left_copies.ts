import { type Kysely, sql } from 'kysely'

/**
 * The copy that a character left last, and when: a player who comes back within minutes is placed there again. Both are null until the first departure after
 * this migration; a process of the previous release leaves them as they are.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`ALTER TABLE characters ADD left_copy text, ADD left_at timestamptz`.execute(db)
}
