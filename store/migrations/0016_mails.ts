import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`CREATE TABLE mails (
    id text PRIMARY KEY,
    writer text NOT NULL REFERENCES characters,
    reader text NOT NULL REFERENCES characters,
    house boolean NOT NULL,
    subject text NOT NULL,
    body text NOT NULL,
    sent_at timestamptz NOT NULL,
    expires_at timestamptz,
    returned boolean NOT NULL DEFAULT false,
    state text NOT NULL CHECK (state IN ('full', 'empty', 'deleted'))
  )`.execute(db)
  await sql`CREATE INDEX mails_reader ON mails (reader, sent_at) WHERE state <> 'deleted'`.execute(db)
  await sql`CREATE INDEX mails_expiry ON mails (expires_at) WHERE state <> 'deleted'`.execute(db)
}
