import { type Kysely, sql } from 'kysely'

/** What clients claimed that no lag explains (`model/fairness.ts`), for moderators. A game server may only add rows. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`CREATE TABLE violations (
    id text PRIMARY KEY,
    at timestamptz NOT NULL,
    character text NOT NULL,
    map text NOT NULL,
    copy text NOT NULL,
    tick bigint NOT NULL,
    kind text NOT NULL,
    count integer NOT NULL,
    action text NOT NULL,
    x double precision NOT NULL,
    y double precision NOT NULL,
    evidence jsonb NOT NULL,
    trust smallint NOT NULL
  )`.execute(db)
  await sql`CREATE INDEX violations_character ON violations (character, at)`.execute(db)
  await sql`CREATE INDEX violations_at ON violations (at)`.execute(db)
  await sql`CREATE INDEX violations_flagged ON violations (at) WHERE action IN ('flag', 'kick')`.execute(db)
}
