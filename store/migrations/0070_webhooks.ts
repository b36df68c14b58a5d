import { type Kysely, sql } from 'kysely'
import { runAsOwner } from './0051_process_rights.ts'

/**
 * The outbox of webhooks. Triggers write it in the transaction of what happened: a claim, a release or a leave of a character, and a decision that starts or cancels a
 * merge. Only the types in `webhook_settings` are written, so that a world without webhooks pays one look-up of one row per claim.
 *
 * A lane is a character or a copy; its messages are sent in the order of their ids. A trigger inserts while its transaction holds the character's row, so the order of
 * the ids is that of the claims.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`CREATE TABLE webhook_settings (single boolean PRIMARY KEY DEFAULT true CHECK (single), types text[] NOT NULL DEFAULT '{}')`.execute(db)
  await sql`INSERT INTO webhook_settings DEFAULT VALUES`.execute(db)
  await sql`CREATE TABLE webhook_outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    message text NOT NULL UNIQUE DEFAULT 'msg_' || replace(gen_random_uuid()::text, '-', ''),
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    lane text NOT NULL,
    type text NOT NULL,
    data jsonb NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    due timestamptz NOT NULL DEFAULT '-infinity',
    problem text,
    dead_at timestamptz
  )`.execute(db)
  await sql`CREATE INDEX webhook_outbox_due ON webhook_outbox (due, id) WHERE dead_at IS NULL`.execute(db)
  await sql`CREATE INDEX webhook_outbox_lane ON webhook_outbox (lane, id)`.execute(db)
  await sql`CREATE INDEX webhook_outbox_at ON webhook_outbox (at) WHERE dead_at IS NULL`.execute(db)
  await sql`CREATE INDEX webhook_outbox_dead ON webhook_outbox (dead_at) WHERE dead_at IS NOT NULL`.execute(db)
  // Where a character that is being moved came from: the release clears `live_copy`.
  await sql`ALTER TABLE characters ADD moving_from text`.execute(db)
  await sql`CREATE FUNCTION note_moving_from() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      NEW.moving_from := OLD.live_copy;
      RETURN NEW;
    END $$`.execute(db)
  await sql`CREATE TRIGGER moving_from BEFORE UPDATE OF moving ON characters
    FOR EACH ROW WHEN (NEW.moving IS NOT NULL AND OLD.live_copy IS NOT NULL) EXECUTE FUNCTION note_moving_from()`.execute(db)
  await createCharacterNotes(db)
  await sql`CREATE FUNCTION note_merge_for_webhooks() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE _type text := CASE NEW.kind WHEN 'close' THEN 'copy.merging' ELSE 'copy.reopened' END;
    BEGIN
      IF EXISTS (SELECT FROM webhook_settings WHERE _type = ANY(types)) THEN
        INSERT INTO webhook_outbox (lane, type, data) VALUES (NEW.copy, _type, jsonb_strip_nulls(jsonb_build_object(
          'map', NEW.map, 'copy', NEW.copy, 'successors', CASE NEW.kind WHEN 'close' THEN NEW.inputs -> 'successors' END, 'reason', NEW.reason)));
      END IF;
      RETURN NULL;
    END $$`.execute(db)
  await sql`CREATE TRIGGER merge_for_webhooks AFTER INSERT ON decisions FOR EACH ROW
    WHEN (NEW.copy IS NOT NULL AND (NEW.kind = 'reopen' OR (NEW.kind = 'close' AND NEW.inputs ->> 'reason' = 'merge')))
    EXECUTE FUNCTION note_merge_for_webhooks()`.execute(db)
  await runAsOwner(db, ['note_character_for_webhooks()', 'note_merge_for_webhooks()'])
}

/**
 * A login uses a permit and a move does not, which tells the two apart when a character that is being moved logs in elsewhere. A source that claims a character back
 * writes nothing, because nothing happened to the player.
 */
async function createCharacterNotes(db: Kysely<unknown>): Promise<void> {
  await sql`CREATE FUNCTION note_character_for_webhooks() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
      _type text;
      _from text;
    BEGIN
      IF NEW.live_copy IS NOT NULL THEN
        IF OLD.moving IS NOT NULL AND NEW.used_permits IS NOT DISTINCT FROM OLD.used_permits THEN
          IF NEW.live_copy = OLD.moving_from THEN RETURN NULL; END IF;
          _type := 'character.moved';
        ELSE
          _type := 'character.entered';
        END IF;
        _from := CASE WHEN OLD.moving IS NOT NULL THEN OLD.moving_from ELSE OLD.live_copy END;
      ELSIF NEW.moving IS NULL AND OLD.live_copy IS NOT NULL THEN
        _type := 'character.left';
      ELSE
        RETURN NULL;
      END IF;
      IF EXISTS (SELECT FROM webhook_settings WHERE _type = ANY(types)) THEN
        INSERT INTO webhook_outbox (lane, type, data) VALUES (NEW.id, _type, jsonb_strip_nulls(jsonb_build_object(
          'character', NEW.id, 'name', NEW.name, 'account', NEW.account, 'epoch', NEW.epoch, 'from', _from,
          'copy', coalesce(NEW.live_copy, OLD.live_copy), 'server', coalesce(NEW.live_server, OLD.live_server))));
      END IF;
      RETURN NULL;
    END $$`.execute(db)
  await sql`CREATE TRIGGER webhooks AFTER UPDATE OF live_copy ON characters
    FOR EACH ROW WHEN (NEW.epoch <> OLD.epoch OR (NEW.live_copy IS NULL AND OLD.live_copy IS NOT NULL)) EXECUTE FUNCTION note_character_for_webhooks()`.execute(
    db,
  )
}
