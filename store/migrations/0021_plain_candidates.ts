import { type Kysely, sql } from 'kysely'

/** Candidates are written in bulk and read rarely. Storing them as json costs the database a fifth of jsonb. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`ALTER TABLE decisions ALTER COLUMN candidates TYPE json`.execute(db)
}
