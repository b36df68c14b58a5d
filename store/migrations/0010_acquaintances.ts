import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  // One row per character instead of one per pair: the placer reads it with the profile, and the few acquaintances fit into one value.
  await sql`CREATE TABLE acquaintances (
    character text PRIMARY KEY REFERENCES characters ON DELETE CASCADE,
    at timestamptz NOT NULL,
    minutes jsonb NOT NULL
  ) WITH (fillfactor = 70)`.execute(db)
  await sql`CREATE INDEX acquaintances_at ON acquaintances (at)`.execute(db)
  await sql`ALTER TABLE characters ADD COLUMN attributes jsonb`.execute(db)
}
