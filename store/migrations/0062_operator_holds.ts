import { type Kysely, sql } from 'kysely'

/** What operators hold for a time: a map is not merged, a copy is not closed by the plan. They outlive the orchestrator that took them. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`CREATE TABLE operator_holds (
    id text PRIMARY KEY,
    map text NOT NULL,
    copy text,
    until timestamptz NOT NULL,
    actor text NOT NULL,
    reason text NOT NULL
  )`.execute(db)
}
