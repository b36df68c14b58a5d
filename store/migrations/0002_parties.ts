import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`CREATE TABLE parties (id text PRIMARY KEY)`.execute(db)
  await sql`CREATE TABLE party_members (
    character text PRIMARY KEY REFERENCES characters ON DELETE CASCADE,
    party text NOT NULL REFERENCES parties ON DELETE CASCADE,
    joined bigint NOT NULL GENERATED ALWAYS AS IDENTITY
  )`.execute(db)
  await sql`CREATE INDEX party_members_party ON party_members (party)`.execute(db)
}
