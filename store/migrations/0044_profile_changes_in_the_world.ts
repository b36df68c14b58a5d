import { type Kysely, sql } from 'kysely'

/** What a change of a character that its seat or its server must learn about is. */
const changed = sql`(OLD.name, OLD.language, OLD.languages, OLD.guild, OLD.attributes, OLD.settings, OLD.deleted_at)
  IS DISTINCT FROM (NEW.name, NEW.language, NEW.languages, NEW.guild, NEW.attributes, NEW.settings, NEW.deleted_at)`
const columns = sql`name, language, languages, guild, attributes, settings, deleted_at`

/**
 * Changes of characters and blocks are noted for characters in the world only, like friendships: an import of a million characters or blocks leaves the outbox as it is.
 *
 * A character may change after it got its seat and before its server claims it. Such a change only sets `described_at`, and the claim notes it when it is at most
 * ten minutes old; a policy's `seat.hold` is 15 s by default. A change and a claim write the same row, so one waits for the other and none is missed. A deletion ends the claim
 * itself, so the old row says whether the character is in the world. A block writes no character, so the code that makes one notes it again after the commit
 * (`noteBlocked`): characters that entered meanwhile are noted, and the profile of a later one has the block.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`ALTER TABLE characters ADD described_at timestamptz`.execute(db)
  await sql`CREATE FUNCTION mark_described() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      NEW.described_at := now();
      RETURN NEW;
    END $$`.execute(db)
  await sql`CREATE TRIGGER described BEFORE UPDATE OF ${columns} ON characters
    FOR EACH ROW WHEN (OLD.live_copy IS NULL AND ${changed}) EXECUTE FUNCTION mark_described()`.execute(db)
  await sql`CREATE TRIGGER profile_change_before_entry AFTER UPDATE OF live_copy ON characters
    FOR EACH ROW WHEN (OLD.live_copy IS NULL AND NEW.live_copy IS NOT NULL AND NEW.described_at > now() - interval '10 minutes')
    EXECUTE FUNCTION note_profile_change()`.execute(db)
  await sql`DROP TRIGGER profile_change ON characters`.execute(db)
  await sql`CREATE TRIGGER profile_change AFTER UPDATE OF ${columns} ON characters
    FOR EACH ROW WHEN (OLD.live_copy IS NOT NULL AND ${changed}) EXECUTE FUNCTION note_profile_change()`.execute(db)
  await sql`CREATE OR REPLACE FUNCTION note_changed_blocks() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO profile_changes (character, repeated)
        SELECT c.id, true FROM (SELECT account FROM changed UNION SELECT blocked FROM changed) x
          CROSS JOIN LATERAL (SELECT id FROM characters WHERE account = x.account AND live_copy IS NOT NULL OFFSET 0) c;
      RETURN NULL;
    END $$`.execute(db)
}
