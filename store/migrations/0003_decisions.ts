import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`CREATE TABLE decisions (
    id text PRIMARY KEY,
    at timestamptz NOT NULL,
    kind text NOT NULL,
    map text NOT NULL,
    copy text,
    characters text[] NOT NULL,
    reason text NOT NULL,
    policy_version text NOT NULL,
    candidates jsonb NOT NULL,
    inputs jsonb NOT NULL
  )`.execute(db)
  await sql`CREATE INDEX decisions_map ON decisions (map, at DESC)`.execute(db)
  await sql`CREATE INDEX decisions_at ON decisions (at)`.execute(db)
  await sql`CREATE INDEX decisions_characters ON decisions USING gin (characters)`.execute(db)
}
