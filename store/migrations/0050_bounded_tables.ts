import { type Kysely, sql } from 'kysely'

/**
 * What the sweeps need to remove old rows by an index, in batches: refused requests, emptied and deleted letters, ended auctions and trades, invitations
 * that nobody accepted, guilds without members. A process of the previous release works on these tables as before.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`CREATE INDEX requests_refused ON requests (at) WHERE refusal IS NOT NULL`.execute(db)
  // The date of removal of a deleted letter is its `expires_at`. The previous release leaves it as it was, for letters of the auction house null.
  await sql`CREATE INDEX mails_removal ON mails ((coalesce(expires_at, sent_at))) WHERE state = 'deleted'`.execute(db)
  // A sender's letters whose attachments nobody has taken are counted with each letter.
  await sql`CREATE INDEX mails_untaken ON mails (writer) WHERE state = 'full'`.execute(db)
  // Letters of the auction house and returned ones had no date while they held something, and kept none when they were emptied.
  await sql`UPDATE mails SET expires_at = now() + interval '30 days' WHERE state = 'empty' AND expires_at IS NULL`.execute(db)
  await sql`CREATE INDEX auctions_over ON auctions (ends_at) WHERE state <> 'open'`.execute(db)
  await sql`CREATE INDEX trades_over ON trades (opened_at) WHERE state <> 'open'`.execute(db)
  await sql`CREATE INDEX guild_invitations_expiry ON guild_invitations (expires_at)`.execute(db)
  await sql`CREATE INDEX party_invitations_expiry ON party_invitations (expires_at)`.execute(db)
  // `checked_at`: when the sweep last looked for members. `empty_since`: when it found none; null while there are some.
  await sql`ALTER TABLE guilds
    ADD founder text REFERENCES characters ON DELETE SET NULL,
    ADD founded_at timestamptz NOT NULL DEFAULT now(),
    ADD checked_at timestamptz NOT NULL DEFAULT now(),
    ADD empty_since timestamptz`.execute(db)
  await sql`CREATE INDEX guilds_founder ON guilds (founder, founded_at)`.execute(db)
  await sql`CREATE INDEX guilds_checked ON guilds (checked_at)`.execute(db)
  // Removing a guild looks for accounts that belong to it.
  await sql`CREATE INDEX accounts_guild ON accounts (guild) WHERE guild IS NOT NULL`.execute(db)
}
