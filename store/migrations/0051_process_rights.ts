import { type Kysely, sql } from 'kysely'

/**
 * What the rights of each process (`../database/rights.ts`) stand on. A game server may write money and items only through `lock_accounts` and
 * `post_transaction`, which run with the rights of their owner.
 *
 * The trigger functions that fill the outboxes run with the rights of their owner, so that a process may cause a notice and cannot write one.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  // A read with a lock fails on a server that only reads. It needs the right to update, so this table holds nothing.
  await sql`CREATE TABLE write_probe (probed boolean)`.execute(db)
  await sql`CREATE FUNCTION refuse_epoch() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'an epoch rises by one with each claim: % to % is refused', OLD.epoch, NEW.epoch USING ERRCODE = 'insufficient_privilege'; END $$`.execute(
    db,
  )
  await sql`CREATE TRIGGER epoch_rises_by_one BEFORE UPDATE OF epoch ON characters FOR EACH ROW
    WHEN (NEW.epoch <> OLD.epoch AND NEW.epoch <> OLD.epoch + 1) EXECUTE FUNCTION refuse_epoch()`.execute(db)
  await createLockAccounts(db)
  await createPostTransaction(db)
  await runAsOwner(db, [
    'lock_accounts(text[])',
    'post_transaction(text, text, text, text, timestamptz, jsonb, text, jsonb, jsonb, jsonb, jsonb)',
    'note_profile_change()',
    'note_changed_friends()',
    'note_changed_blocks()',
    'note_for_players()',
    'note_party_for_players()',
    'note_blocks_for_players()',
    'note_profile_for_player()',
  ])
}

/** Creates the accounts that are missing, and locks all of them in the order of their ids. */
async function createLockAccounts(db: Kysely<unknown>): Promise<void> {
  await sql`CREATE FUNCTION lock_accounts(_ids text[]) RETURNS TABLE (id text, balance bigint) LANGUAGE plpgsql AS $$
    #variable_conflict use_column
    BEGIN
      INSERT INTO accounts (id, character, guild)
        SELECT v.id, CASE WHEN v.id LIKE 'character:%' THEN substr(v.id, 11) END, CASE WHEN v.id LIKE 'guild:%' THEN substr(v.id, 7) END
        FROM unnest(_ids) AS v (id) WHERE NOT EXISTS (SELECT FROM accounts a WHERE a.id = v.id COLLATE "C") ORDER BY v.id COLLATE "C" ON CONFLICT DO NOTHING;
      RETURN QUERY SELECT a.id::text, a.balance FROM accounts a WHERE a.id = ANY(_ids) ORDER BY a.id FOR NO KEY UPDATE;
    END $$`.execute(db)
}

/**
 * Writes the log, the new state and the answer of one transaction. Returns the first of `_held` whom the caller no longer holds, and writes nothing then; else null.
 *
 * A caller without the right to insert into the log is a game server. It may grant and use for characters that are live with the epoch that it names, and
 * carry out trades: an offer and a cancelled trade move things between a side's bag and its escrow, a confirmed trade exchanges the escrows.
 */
async function createPostTransaction(db: Kysely<unknown>): Promise<void> {
  await sql`CREATE FUNCTION post_transaction(_id text, _kind text, _actor text, _key text, _at timestamptz, _note jsonb, _compensates text,
      _payments jsonb, _moves jsonb, _answer jsonb, _held jsonb) RETURNS text LANGUAGE plpgsql AS $$
    DECLARE
      stale text;
      refused text;
      moved bigint;
      trade record;
    BEGIN
      SELECT h.character INTO stale FROM jsonb_to_recordset(_held) AS h (character text, epoch bigint, copy text)
        LEFT JOIN LATERAL (SELECT epoch, live_copy FROM characters WHERE id = h.character OFFSET 0) c ON true
        WHERE c.epoch IS DISTINCT FROM h.epoch OR c.live_copy IS NULL OR c.live_copy <> h.copy LIMIT 1;
      IF stale IS NOT NULL THEN RETURN stale; END IF;

      IF (SELECT coalesce(sum(amount), 0) FROM jsonb_to_recordset(_payments) AS v (amount bigint)) <> 0 THEN
        RAISE EXCEPTION 'the transaction % makes money of nothing', _id;
      END IF;

      IF NOT has_table_privilege(session_user, 'transactions', 'INSERT') THEN
        IF _kind NOT IN ('grant', 'use', 'trade.open', 'trade.offer', 'trade.confirm', 'trade.cancel') OR _compensates IS NOT NULL THEN
          RAISE EXCEPTION 'a game server may not write a transaction of kind %', _kind USING ERRCODE = 'insufficient_privilege';
        END IF;
        SELECT a, b, 'trade:' || id || ':0' AS escrow_a, 'trade:' || id || ':1' AS escrow_b INTO trade FROM trades WHERE id = _note ->> 'trade' AND _kind LIKE 'trade.%';
        WITH touched AS (
          SELECT account FROM jsonb_to_recordset(_payments) AS v (account text)
          UNION SELECT giver FROM jsonb_to_recordset(_moves) AS v (giver text) UNION SELECT taker FROM jsonb_to_recordset(_moves) AS v (taker text)
        )
        SELECT account INTO refused FROM touched WHERE (CASE
          WHEN account = 'world' THEN _kind IN ('grant', 'use')
          WHEN _kind = 'trade.cancel' THEN account IN ('character:' || trade.a, 'character:' || trade.b, trade.escrow_a, trade.escrow_b)
          WHEN account LIKE 'character:%' THEN substr(account, 11) IN (SELECT h.character FROM jsonb_to_recordset(_held) AS h (character text))
          ELSE account IN (trade.escrow_a, trade.escrow_b) END) IS NOT TRUE LIMIT 1;
        IF refused IS NULL AND _kind LIKE 'trade.%' THEN
          -- The side on which an account is afterwards. A confirmed trade exchanges the escrows.
          WITH sides (account, side) AS (VALUES
            ('character:' || trade.a, 0), ('character:' || trade.b, 1),
            (trade.escrow_a, CASE _kind WHEN 'trade.confirm' THEN 1 ELSE 0 END), (trade.escrow_b, CASE _kind WHEN 'trade.confirm' THEN 0 ELSE 1 END)
          ), crossing AS (
            SELECT format('side %s', side) AS what FROM jsonb_to_recordset(_payments) AS v (account text, amount bigint) JOIN sides USING (account)
              GROUP BY side HAVING sum(amount) <> 0
            UNION ALL SELECT v.item FROM jsonb_to_recordset(_moves) AS v (item text, giver text, taker text)
              JOIN sides g ON g.account = v.giver JOIN sides t ON t.account = v.taker WHERE g.side <> t.side
            UNION ALL SELECT v.account FROM jsonb_to_recordset(_payments) AS v (account text, amount bigint)
              WHERE _kind <> 'trade.offer' AND v.account LIKE 'character:%' AND v.amount < 0
            UNION ALL SELECT v.giver FROM jsonb_to_recordset(_moves) AS v (giver text) WHERE _kind <> 'trade.offer' AND v.giver LIKE 'character:%'
          )
          SELECT what INTO refused FROM crossing LIMIT 1;
        END IF;
        IF refused IS NOT NULL THEN
          RAISE EXCEPTION 'a game server may not change % in a transaction of kind %', refused, _kind USING ERRCODE = 'insufficient_privilege';
        END IF;
      END IF;

      WITH t AS (
        INSERT INTO transactions (id, kind, actor, at, note, compensates) VALUES (_id, _kind, _actor, _at, _note, _compensates)
      ), p AS (
        INSERT INTO postings (transaction, account, amount)
        SELECT _id, account, amount FROM jsonb_to_recordset(_payments) AS v (account text, amount bigint) RETURNING account, amount
      ), a AS (
        UPDATE accounts SET balance = balance + p.amount FROM p WHERE accounts.id = p.account
      ), m AS (
        INSERT INTO item_moves (transaction, item, kind, giver, taker)
        SELECT _id, item, kind, giver, taker FROM jsonb_to_recordset(_moves) AS v (item text, kind text, giver text, taker text)
        RETURNING item, kind, giver, taker
      ), made AS (
        INSERT INTO items (id, kind, holder) SELECT item, kind, taker FROM m WHERE giver = 'world' RETURNING id
      ), given AS (
        UPDATE items i SET holder = m.taker FROM m WHERE i.id = m.item AND i.holder = m.giver AND m.taker <> 'world' RETURNING i.id
      ), used AS (
        DELETE FROM items i USING m WHERE i.id = m.item AND i.holder = m.giver AND m.taker = 'world' RETURNING i.id
      ), r AS (
        UPDATE requests SET transaction = _id, answer = _answer WHERE actor = _actor AND key = _key
      )
      SELECT (SELECT count(*) FROM made) + (SELECT count(*) FROM given) + (SELECT count(*) FROM used) INTO moved;
      IF moved <> jsonb_array_length(_moves) THEN RAISE EXCEPTION 'an item left its account although the account was locked'; END IF;
      RETURN NULL;
    END $$`.execute(db)
}

/** The fixed search path keeps a caller from putting tables of its own in the place of these. Nobody may bind a trigger function to a table of its own. */
export async function runAsOwner(db: Kysely<unknown>, functions: readonly string[]): Promise<void> {
  const { rows } = await sql<{ schema: string }>`SELECT quote_ident(current_schema()) AS schema`.execute(db)
  const path = sql.raw(`${rows[0]?.schema ?? 'public'}, pg_temp`)
  for (const one of functions) {
    await sql`ALTER FUNCTION ${sql.raw(one)} SECURITY DEFINER SET search_path = ${path}`.execute(db)
    await sql`REVOKE EXECUTE ON FUNCTION ${sql.raw(one)} FROM PUBLIC`.execute(db)
  }
}
