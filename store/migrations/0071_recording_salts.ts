import { type Kysely, sql } from 'kysely'
import { runAsOwner } from './0051_process_rights.ts'

/**
 * A random number for each recorded character, which goes into its pseudonyms. With the character it is deleted, by whichever process deletes the character: from then
 * on nobody can compute the pseudonyms, also with the key. No process but the orchestrator can read it.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`CREATE TABLE recording_salts (character text PRIMARY KEY, salt uuid NOT NULL DEFAULT gen_random_uuid())`.execute(db)
  await sql`CREATE FUNCTION forget_recording_salt() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      DELETE FROM recording_salts WHERE character = NEW.id;
      RETURN NULL;
    END $$`.execute(db)
  await runAsOwner(db, ['forget_recording_salt()'])
  await sql`CREATE TRIGGER forget_recording_salt AFTER UPDATE OF deleted_at ON characters
    FOR EACH ROW WHEN (NEW.deleted_at IS NOT NULL) EXECUTE FUNCTION forget_recording_salt()`.execute(db)
  // The next leader makes a new key: no two pseudonyms of one character belong to one window.
  await sql`UPDATE recording_key SET since = '1970-01-01'`.execute(db)
}
