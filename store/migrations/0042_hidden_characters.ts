import { type Kysely, sql } from 'kysely'

/** Few characters show nobody where they are. Each profile reads which of its friends, guild-mates and acquaintances do, so these indexes hold them alone. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`CREATE INDEX characters_hidden ON characters (id) WHERE settings->>'presence' = 'nobody'`.execute(db)
  await sql`CREATE INDEX characters_hidden_guild ON characters (guild) WHERE guild IS NOT NULL AND settings->>'presence' = 'nobody'`.execute(db)
}
