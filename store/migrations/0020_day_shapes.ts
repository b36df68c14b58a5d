import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`CREATE TABLE day_shapes (
    map text PRIMARY KEY,
    quarters jsonb NOT NULL,
    at timestamptz NOT NULL
  )`.execute(db)
}
