import { type Kysely, sql } from 'kysely'

/**
 * Changes of characters and blocks are noted for characters in the world only, like friendships: an import of a million characters or blocks leaves the outbox as it is.
 *
 * A character that enters at the same moment misses nothing: its server reads its profile after the claim. An UPDATE of the character and the claim write the same row,
 * so one waits for the other: either the server reads the new profile, or the trigger sees the claim. A deletion ends the claim itself, so the old row counts. A block
 * locks no character, so the code that makes one notes it again after the commit (`noteBlocked`).
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`DROP TRIGGER profile_change ON characters`.execute(db)
  await sql`CREATE TRIGGER profile_change AFTER UPDATE OF name, language, languages, guild, attributes, settings, deleted_at ON characters
    FOR EACH ROW WHEN (OLD.live_copy IS NOT NULL AND (OLD.name, OLD.language, OLD.languages, OLD.guild, OLD.attributes, OLD.settings, OLD.deleted_at)
      IS DISTINCT FROM (NEW.name, NEW.language, NEW.languages, NEW.guild, NEW.attributes, NEW.settings, NEW.deleted_at)) EXECUTE FUNCTION note_profile_change()`.execute(
    db,
  )
  await sql`CREATE OR REPLACE FUNCTION note_changed_blocks() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO profile_changes (character, repeated)
        SELECT c.id, true FROM (SELECT account FROM changed UNION SELECT blocked FROM changed) x
          CROSS JOIN LATERAL (SELECT id FROM characters WHERE account = x.account AND live_copy IS NOT NULL OFFSET 0) c;
      RETURN NULL;
    END $$`.execute(db)
}
