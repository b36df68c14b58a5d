import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`CREATE TABLE locks (
    character text NOT NULL REFERENCES characters ON DELETE CASCADE,
    key text NOT NULL,
    deed text NOT NULL,
    taken timestamptz NOT NULL,
    until timestamptz NOT NULL,
    PRIMARY KEY (character, key)
  )`.execute(db)
  await sql`CREATE INDEX locks_until ON locks (until)`.execute(db)
}
