import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`CREATE TABLE instance_openings (
    character text NOT NULL REFERENCES characters ON DELETE CASCADE,
    map text NOT NULL,
    at timestamptz NOT NULL,
    party text NOT NULL,
    PRIMARY KEY (character, map, at)
  )`.execute(db)
  await sql`CREATE INDEX instance_openings_at ON instance_openings (at)`.execute(db)
}
