import { type Kysely, sql } from 'kysely'

/**
 * The recorded population: a row a minute, under pseudonyms. The exclusion keeps a leader that has been replaced from recording a minute twice. The events are
 * compressed already. `recording_key` has one row, which a rotation overwrites: without the key nobody can tell whose pseudonym it was.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`CREATE TABLE recording_chunks (
    starts_at timestamptz PRIMARY KEY,
    ends_at timestamptz NOT NULL CHECK (ends_at > starts_at),
    recording_window integer NOT NULL,
    term text NOT NULL,
    keyframe boolean NOT NULL,
    players integer NOT NULL,
    events bytea NOT NULL,
    EXCLUDE USING gist (tstzrange(starts_at, ends_at) WITH &&)
  )`.execute(db)
  await sql`ALTER TABLE recording_chunks ALTER COLUMN events SET STORAGE EXTERNAL`.execute(db)
  await sql`CREATE TABLE recording_key (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    recording_window integer NOT NULL,
    key bytea NOT NULL,
    since timestamptz NOT NULL
  )`.execute(db)
}
