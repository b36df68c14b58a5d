import { type Kysely, sql } from 'kysely'

/**
 * Outbox of changes to what a seat says of its character (name, languages, guild, attributes, party, friends, blocks, bans). Triggers write it inside the
 * transaction that makes the change, whichever process or operator makes it; a matchmaker reads it and updates the seats of people in the world.
 * `due`: when to apply the change. Each change is applied again some seconds later, for a character that was entering with the previous profile.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`CREATE TABLE profile_changes (
    id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    character text NOT NULL,
    due timestamptz NOT NULL DEFAULT now(),
    repeated boolean NOT NULL DEFAULT false
  )`.execute(db)
  await sql`CREATE INDEX profile_changes_due ON profile_changes (due)`.execute(db)
  await sql`CREATE FUNCTION note_profile_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_TABLE_NAME = 'characters' THEN
        INSERT INTO profile_changes (character) VALUES (NEW.id);
      ELSIF TG_TABLE_NAME = 'player_accounts' THEN
        INSERT INTO profile_changes (character) SELECT id FROM characters WHERE account = NEW.id;
      ELSIF TG_TABLE_NAME = 'blocks' THEN
        INSERT INTO profile_changes (character)
          SELECT id FROM characters WHERE account IN (SELECT unnest(CASE TG_OP WHEN 'DELETE' THEN ARRAY[OLD.account, OLD.blocked] ELSE ARRAY[NEW.account, NEW.blocked] END));
      ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO profile_changes (character) VALUES (OLD.character);
      ELSE
        INSERT INTO profile_changes (character) VALUES (NEW.character);
      END IF;
      RETURN NULL;
    END $$`.execute(db)
  // Saves of state change none of these columns: they cost no trigger call.
  await sql`CREATE TRIGGER profile_change AFTER UPDATE OF name, language, languages, guild, attributes, settings, deleted_at ON characters
    FOR EACH ROW WHEN ((OLD.name, OLD.language, OLD.languages, OLD.guild, OLD.attributes, OLD.settings, OLD.deleted_at)
      IS DISTINCT FROM (NEW.name, NEW.language, NEW.languages, NEW.guild, NEW.attributes, NEW.settings, NEW.deleted_at)) EXECUTE FUNCTION note_profile_change()`.execute(
    db,
  )
  await sql`CREATE TRIGGER profile_change AFTER UPDATE OF banned_until, muted_until ON player_accounts
    FOR EACH ROW WHEN ((OLD.banned_until, OLD.muted_until) IS DISTINCT FROM (NEW.banned_until, NEW.muted_until)) EXECUTE FUNCTION note_profile_change()`.execute(
    db,
  )
  for (const table of ['party_members', 'friendships', 'blocks']) {
    await sql`CREATE TRIGGER profile_change AFTER INSERT OR UPDATE OR DELETE ON ${sql.table(table)} FOR EACH ROW EXECUTE FUNCTION note_profile_change()`.execute(
      db,
    )
  }
}
