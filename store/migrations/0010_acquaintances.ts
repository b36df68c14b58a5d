import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  // One row a character and not one a pair: the placer reads it with the profile, and the few who are known fit into it.
  await sql`CREATE TABLE acquaintances (
    character text PRIMARY KEY REFERENCES characters ON DELETE CASCADE,
    at timestamptz NOT NULL,
    minutes jsonb NOT NULL
  ) WITH (fillfactor = 70)`.execute(db)
  await sql`CREATE INDEX acquaintances_at ON acquaintances (at)`.execute(db)
  await sql`ALTER TABLE characters ADD COLUMN attributes jsonb`.execute(db)
}
