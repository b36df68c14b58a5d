import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`CREATE TABLE hops (
    character text NOT NULL REFERENCES characters ON DELETE CASCADE,
    map text NOT NULL,
    level double precision NOT NULL,
    at timestamptz NOT NULL,
    copy text NOT NULL,
    PRIMARY KEY (character, map)
  )`.execute(db)
  await sql`CREATE INDEX hops_at ON hops (at)`.execute(db)
}
