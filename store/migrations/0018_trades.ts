import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`CREATE TABLE trades (
    id text PRIMARY KEY,
    copy text NOT NULL,
    a text NOT NULL REFERENCES characters,
    b text NOT NULL REFERENCES characters CHECK (b <> a),
    epoch_a bigint NOT NULL,
    epoch_b bigint NOT NULL,
    version integer NOT NULL DEFAULT 0,
    confirmed_a boolean NOT NULL DEFAULT false,
    confirmed_b boolean NOT NULL DEFAULT false,
    state text NOT NULL CHECK (state IN ('open', 'done', 'cancelled')),
    opened_at timestamptz NOT NULL,
    reason text
  ) WITH (fillfactor = 80)`.execute(db)
  await sql`CREATE INDEX trades_a ON trades (a) WHERE state = 'open'`.execute(db)
  await sql`CREATE INDEX trades_b ON trades (b) WHERE state = 'open'`.execute(db)
}
