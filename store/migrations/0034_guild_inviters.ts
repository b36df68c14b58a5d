import { type Kysely, sql } from 'kysely'

/** Who invited a character to a guild: a block between the two ends the invitation. Null in rows that a process of the previous release has written. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`ALTER TABLE guild_invitations ADD inviter text REFERENCES characters ON DELETE SET NULL`.execute(db)
  await sql`CREATE INDEX guild_invitations_character ON guild_invitations (character)`.execute(db)
}
