import { type Kysely, sql } from 'kysely'
import { runAsOwner } from './0051_process_rights.ts'

/**
 * Ties the right to write a character to one game server. All game servers share a role, so each connection of a game server carries the secret of its
 * process (`strata.server_secret`), and the database keeps the hash of the secret with every claim (`claimed_by`).
 *
 * A game server may claim a character with a permit, which the matchmaker signed for this character, copy and server, or at the end of a move: as the server
 * that the release named (`moving_to`), or as the one that released it. Only the server that claimed it last may save, describe, release or leave it.
 * Sessions of other processes pass: they may insert characters, and a game server may not.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await createTables(db)
  await sql`ALTER TABLE characters ADD claimed_by bytea, ADD moving_to text, ADD used_permits text[]`.execute(db)
  await sql`CREATE FUNCTION server_secret_hash() RETURNS bytea LANGUAGE sql STABLE
    AS $$ SELECT sha256(convert_to(nullif(current_setting('strata.server_secret', true), ''), 'UTF8')) $$`.execute(db)
  await sql`CREATE FUNCTION claims_are_guarded() RETURNS boolean LANGUAGE sql STABLE
    AS $$ SELECT NOT EXISTS (SELECT FROM claim_guard WHERE enforced_from > now()) $$`.execute(db)
  await createPermitCheck(db)
  await createGuard(db)
  await guardTransactions(db)
  await sql`CREATE FUNCTION register_server(_server text, _public_key text) RETURNS boolean LANGUAGE plpgsql AS $$
    BEGIN
      DELETE FROM game_servers WHERE server IN
        (SELECT server FROM game_servers WHERE seen_at < now() - interval '1 hour' ORDER BY server FOR UPDATE SKIP LOCKED);
      INSERT INTO game_servers AS g (server, secret_hash, public_key) VALUES (_server, server_secret_hash(), _public_key)
        ON CONFLICT (server) DO UPDATE SET secret_hash = excluded.secret_hash, public_key = excluded.public_key, seen_at = now()
        WHERE g.secret_hash = excluded.secret_hash OR g.seen_at < now() - interval '3 minutes';
      RETURN FOUND;
    END $$`.execute(db)
  await sql`CREATE FUNCTION unregister_server(_server text) RETURNS void LANGUAGE sql
    AS $$ DELETE FROM game_servers WHERE server = _server AND secret_hash = server_secret_hash() $$`.execute(db)
  await runAsOwner(db, [
    'guard_claim()',
    'register_server(text, text)',
    'unregister_server(text)',
    'post_transaction(text, text, text, text, timestamptz, jsonb, text, jsonb, jsonb, jsonb, jsonb)',
  ])
}

/**
 * `game_servers`: another process may take a name that was not renewed for three minutes, and rows that are an hour old are removed. `permit_keys`: the newest row signs, and all rows are
 * accepted. `claim_guard`: in a database with characters, the game servers of the previous release go on for a day, because they have no secret.
 */
async function createTables(db: Kysely<unknown>): Promise<void> {
  await sql`CREATE TABLE game_servers (
    server text PRIMARY KEY CHECK (length(server) <= 253),
    secret_hash bytea NOT NULL UNIQUE,
    public_key text NOT NULL CHECK (length(public_key) <= 64),
    seen_at timestamptz NOT NULL DEFAULT now()
  )`.execute(db)
  // A key padded to the block of SHA-256 and XORed with one byte: the two halves of HMAC (RFC 2104), which PostgreSQL does not have without an extension.
  await sql`CREATE FUNCTION hmac_pad(_key bytea, _with integer) RETURNS bytea LANGUAGE plpgsql IMMUTABLE AS $$
    DECLARE _pad bytea := _key || decode(repeat('00', 64 - length(_key)), 'hex');
    BEGIN
      FOR i IN 0..63 LOOP _pad := set_byte(_pad, i, get_byte(_pad, i) # _with); END LOOP;
      RETURN _pad;
    END $$`.execute(db)
  await sql`CREATE TABLE permit_keys (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key bytea NOT NULL CHECK (length(key) = 32) DEFAULT decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex'),
    inner_pad bytea NOT NULL GENERATED ALWAYS AS (hmac_pad(key, 54)) STORED,
    outer_pad bytea NOT NULL GENERATED ALWAYS AS (hmac_pad(key, 92)) STORED,
    made_at timestamptz NOT NULL DEFAULT now()
  )`.execute(db)
  await sql`INSERT INTO permit_keys DEFAULT VALUES`.execute(db)
  await sql`CREATE TABLE claim_guard (enforced_from timestamptz NOT NULL)`.execute(db)
  await sql`INSERT INTO claim_guard SELECT CASE WHEN EXISTS (SELECT FROM characters) THEN now() + interval '1 day' ELSE now() END`.execute(db)
}

/** Checks a permit (`service/keys/permit.ts`): `DEADLINE.MAC`, the deadline in ms. */
async function createPermitCheck(db: Kysely<unknown>): Promise<void> {
  await sql`CREATE FUNCTION permit_holds(_permit text, _character text, _copy text, _server text) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
    DECLARE
      _until text := split_part(_permit, '.', 1);
      _message bytea := convert_to((SELECT string_agg(octet_length(v) || ':' || v, '' ORDER BY n)
        FROM unnest(ARRAY[_character, _copy, _server, _until]) WITH ORDINALITY AS f (v, n)), 'UTF8');
    BEGIN
      IF NOT EXISTS (SELECT FROM permit_keys WHERE encode(sha256(outer_pad || sha256(inner_pad || _message)), 'hex') = split_part(_permit, '.', 2)) THEN
        RETURN false;
      END IF;
      RETURN _until::bigint > extract(epoch FROM clock_timestamp()) * 1000;
    END $$`.execute(db)
}

async function createGuard(db: Kysely<unknown>): Promise<void> {
  await sql`CREATE FUNCTION guard_claim() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
      caller bytea := server_secret_hash();
      permit text;
      problem text;
    BEGIN
      IF NEW.epoch <> OLD.epoch THEN
        NEW.claimed_by := caller;
        NEW.moving_to := NULL;
      END IF;
      IF has_table_privilege(session_user, 'characters', 'INSERT') THEN RETURN NEW; END IF;

      IF NEW.epoch = OLD.epoch THEN
        IF (OLD.claimed_by = caller) IS NOT TRUE OR NEW.used_permits IS DISTINCT FROM OLD.used_permits THEN
          problem := 'another server claimed it last';
        -- A character that was released or has left becomes live again by a claim only.
        ELSIF (NEW.live_copy, NEW.live_server, NEW.moving, NEW.moving_to) IS DISTINCT FROM (OLD.live_copy, OLD.live_server, OLD.moving, OLD.moving_to)
          AND NOT (OLD.live_copy IS NOT NULL AND NEW.live_copy IS NULL AND NEW.live_server IS NULL) THEN
          problem := 'it becomes live by a claim only';
        END IF;
      ELSIF NEW.live_copy IS NULL OR NOT EXISTS (SELECT FROM game_servers WHERE server = NEW.live_server AND secret_hash = caller) THEN
        problem := format('the server %s is not registered with the secret of this connection', NEW.live_server);
      ELSIF OLD.moving IS NULL OR (OLD.moving_to = NEW.live_server OR OLD.claimed_by = caller) IS NOT TRUE OR NEW.used_permits IS DISTINCT FROM OLD.used_permits THEN
        permit := NEW.used_permits[cardinality(NEW.used_permits)];
        IF permit IS NULL OR NEW.used_permits <> array_append(OLD.used_permits, permit) THEN
          problem := 'there is no permit for it';
        ELSIF permit = ANY(OLD.used_permits) THEN
          problem := 'the permit was used before';
        ELSIF permit_holds(permit, NEW.id, NEW.live_copy, NEW.live_server) IS NOT TRUE THEN
          problem := 'the permit has expired, or is for another character, copy or server';
        ELSE
          NEW.used_permits := ARRAY(SELECT p FROM unnest(NEW.used_permits) p WHERE split_part(p, '.', 1)::bigint > extract(epoch FROM now()) * 1000);
        END IF;
      END IF;
      IF problem IS NOT NULL THEN
        IF claims_are_guarded() THEN
          RAISE EXCEPTION 'a game server may not write the character %: %', OLD.id, problem USING ERRCODE = 'insufficient_privilege';
        END IF;
        NEW.used_permits := OLD.used_permits;
      END IF;
      RETURN NEW;
    END $$`.execute(db)
  await sql`CREATE TRIGGER guard_claim
    BEFORE UPDATE OF epoch, live_copy, live_server, moving, moving_to, used_permits, state, state_version, saved_at, left_copy, left_at, attributes ON characters
    FOR EACH ROW EXECUTE FUNCTION guard_claim()`.execute(db)
}

/** A game server grants, uses and trades for characters only that it claimed itself. The rest of the function stays (`0051_process_rights.ts`). */
async function guardTransactions(db: Kysely<unknown>): Promise<void> {
  const parameters = sql.raw('text, text, text, text, timestamptz, jsonb, text, jsonb, jsonb, jsonb, jsonb')
  await sql`ALTER FUNCTION post_transaction(${parameters}) RENAME TO write_transaction`.execute(db)
  await sql`CREATE FUNCTION post_transaction(_id text, _kind text, _actor text, _key text, _at timestamptz, _note jsonb, _compensates text,
      _payments jsonb, _moves jsonb, _answer jsonb, _held jsonb) RETURNS text LANGUAGE plpgsql AS $$
    DECLARE
      foreign_one text;
    BEGIN
      IF NOT has_table_privilege(session_user, 'transactions', 'INSERT') THEN
        SELECT h.character INTO foreign_one FROM jsonb_to_recordset(_held) AS h (character text, epoch bigint)
          JOIN LATERAL (SELECT epoch, claimed_by FROM characters WHERE id = h.character OFFSET 0) c ON c.epoch = h.epoch
          WHERE c.claimed_by IS NULL OR c.claimed_by IS DISTINCT FROM server_secret_hash() LIMIT 1;
        IF foreign_one IS NOT NULL AND claims_are_guarded() THEN
          RAISE EXCEPTION 'a game server may not act for %, whom another server holds', foreign_one USING ERRCODE = 'insufficient_privilege';
        END IF;
      END IF;
      RETURN write_transaction(_id, _kind, _actor, _key, _at, _note, _compensates, _payments, _moves, _answer, _held);
    END $$`.execute(db)
}
