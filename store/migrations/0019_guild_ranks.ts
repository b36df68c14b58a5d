import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`CREATE INDEX characters_guild ON characters (guild)`.execute(db)
  // `characters.guild` decides membership. A rank in a guild that the character has left is ignored.
  await sql`CREATE TABLE guild_ranks (
    character text PRIMARY KEY REFERENCES characters ON DELETE CASCADE,
    guild text NOT NULL REFERENCES guilds ON DELETE CASCADE,
    rank text NOT NULL CHECK (rank IN ('leader', 'officer'))
  )`.execute(db)
  await sql`CREATE INDEX guild_ranks_guild ON guild_ranks (guild)`.execute(db)
  await sql`CREATE TABLE guild_invitations (
    guild text NOT NULL REFERENCES guilds ON DELETE CASCADE,
    character text NOT NULL REFERENCES characters ON DELETE CASCADE,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (guild, character)
  )`.execute(db)
}
