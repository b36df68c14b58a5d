import { type Kysely, sql } from 'kysely'

/** Accounts of the console for installations without an identity provider. No process writes them: `strata console-account` does, as the owner of the tables. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`CREATE TABLE console_accounts (
    name text PRIMARY KEY,
    roles text[] NOT NULL,
    password_hash text NOT NULL
  )`.execute(db)
}
