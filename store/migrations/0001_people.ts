import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`CREATE TABLE guilds (
    id text PRIMARY KEY DEFAULT gen_random_uuid()::text,
    name text NOT NULL,
    name_key text NOT NULL UNIQUE
  )`.execute(db)
  // Saves change no indexed column. Free space in each page keeps the new row version there (HOT update), without index writes.
  await sql`CREATE TABLE characters (
    id text PRIMARY KEY DEFAULT gen_random_uuid()::text,
    entity bigint NOT NULL GENERATED ALWAYS AS IDENTITY (MAXVALUE 4294967295) UNIQUE,
    name text NOT NULL,
    name_key text NOT NULL UNIQUE,
    language text NOT NULL,
    guild text REFERENCES guilds,
    epoch bigint NOT NULL DEFAULT 0,
    live_copy text,
    live_server text,
    moving text,
    state jsonb,
    state_version integer NOT NULL DEFAULT 0,
    saved_at timestamptz,
    CONSTRAINT live_or_moving CHECK (live_copy IS NULL OR moving IS NULL)
  ) WITH (fillfactor = 70)`.execute(db)
  await sql`CREATE TABLE friend_wishes (
    character text NOT NULL REFERENCES characters ON DELETE CASCADE,
    wished_key text NOT NULL,
    PRIMARY KEY (character, wished_key)
  )`.execute(db)
  await sql`CREATE INDEX friend_wishes_wished ON friend_wishes (wished_key)`.execute(db)
}
