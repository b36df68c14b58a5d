import { type Kysely, sql } from 'kysely'

/**
 * The character of an account that entered last, where an account may have one live character (the matchmaker's setting LIVE_CHARACTERS). A change goes into the
 * outbox of profile changes like a ban: the servers of the account's other characters end their sessions.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`ALTER TABLE player_accounts ADD playing text`.execute(db)
  await sql`DROP TRIGGER profile_change ON player_accounts`.execute(db)
  await sql`CREATE TRIGGER profile_change AFTER UPDATE OF banned_until, muted_until, playing ON player_accounts
    FOR EACH ROW WHEN ((OLD.banned_until, OLD.muted_until, OLD.playing) IS DISTINCT FROM (NEW.banned_until, NEW.muted_until, NEW.playing))
    EXECUTE FUNCTION note_profile_change()`.execute(db)
}
