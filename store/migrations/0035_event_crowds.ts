import { type Kysely, sql } from 'kysely'

/** How many players came to the declared events of each map; the planner opens copies for as many the next time. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`CREATE TABLE event_crowds (
    map text PRIMARY KEY,
    crowds jsonb NOT NULL,
    at timestamptz NOT NULL
  )`.execute(db)
}
