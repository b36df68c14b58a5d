import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  // Payments change no indexed column. Free space in each page keeps the new row version there (HOT update).
  await sql`CREATE TABLE accounts (
    id text COLLATE "C" PRIMARY KEY,
    character text REFERENCES characters,
    guild text REFERENCES guilds,
    balance bigint NOT NULL DEFAULT 0 CHECK (balance >= 0)
  ) WITH (fillfactor = 70)`.execute(db)
  await sql`CREATE TABLE items (
    id text PRIMARY KEY,
    kind text NOT NULL,
    holder text COLLATE "C" NOT NULL REFERENCES accounts
  )`.execute(db)
  await sql`CREATE INDEX items_holder ON items (holder)`.execute(db)
  await sql`CREATE TABLE transactions (
    id text PRIMARY KEY,
    seq bigint NOT NULL GENERATED ALWAYS AS IDENTITY UNIQUE,
    kind text NOT NULL,
    actor text NOT NULL,
    at timestamptz NOT NULL,
    note jsonb NOT NULL,
    compensates text UNIQUE REFERENCES transactions
  )`.execute(db)
  await sql`CREATE INDEX transactions_actor ON transactions (actor, at)`.execute(db)
  // No foreign key to accounts: each row would lock the account of the world, which is in nearly all transactions. The audit checks instead.
  await sql`CREATE TABLE postings (
    transaction text NOT NULL REFERENCES transactions,
    account text COLLATE "C" NOT NULL,
    amount bigint NOT NULL CHECK (amount <> 0),
    PRIMARY KEY (transaction, account)
  )`.execute(db)
  await sql`CREATE INDEX postings_account ON postings (account)`.execute(db)
  await sql`CREATE TABLE item_moves (
    transaction text NOT NULL REFERENCES transactions,
    item text NOT NULL,
    kind text NOT NULL,
    giver text COLLATE "C" NOT NULL,
    taker text COLLATE "C" NOT NULL CHECK (taker <> giver),
    PRIMARY KEY (transaction, item)
  )`.execute(db)
  await sql`CREATE INDEX item_moves_item ON item_moves (item)`.execute(db)
  await sql`CREATE TABLE requests (
    actor text NOT NULL,
    key text NOT NULL,
    fingerprint text NOT NULL,
    at timestamptz NOT NULL,
    transaction text REFERENCES transactions,
    answer jsonb,
    refusal jsonb,
    PRIMARY KEY (actor, key)
  )`.execute(db)
  await sql`CREATE INDEX requests_at ON requests (at)`.execute(db)
  await appendOnly(db)
}

/** Balances and inventories can be rebuilt from these tables, so a trigger refuses every change, also one caused by a bug. */
async function appendOnly(db: Kysely<unknown>): Promise<void> {
  await sql`CREATE FUNCTION refuse_to_change_history() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'the log is append-only: % on % is refused', TG_OP, TG_TABLE_NAME; END $$`.execute(db)
  for (const table of ['transactions', 'postings', 'item_moves']) {
    await sql`CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ${sql.table(table)}
      FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_history()`.execute(db)
  }
}
