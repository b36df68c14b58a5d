import { type Kysely, sql } from 'kysely'

/** Who did what to whom with rights that players do not have: sanctions, imports, exports, erasures. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`CREATE TABLE audit_log (
    id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    at timestamptz NOT NULL DEFAULT now(),
    actor text NOT NULL,
    action text NOT NULL,
    subject text NOT NULL,
    reason text,
    details jsonb NOT NULL DEFAULT '{}'
  )`.execute(db)
  await sql`CREATE INDEX audit_log_subject ON audit_log (subject, id)`.execute(db)
}
