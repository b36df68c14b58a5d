import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`CREATE TABLE auctions (
    id text PRIMARY KEY,
    seller text NOT NULL REFERENCES characters,
    start_price bigint NOT NULL CHECK (start_price > 0),
    buyout bigint CHECK (buyout >= start_price),
    ends_at timestamptz NOT NULL,
    bid bigint,
    bidder text REFERENCES characters,
    state text NOT NULL CHECK (state IN ('open', 'sold', 'unsold', 'cancelled')),
    CHECK ((bid IS NULL) = (bidder IS NULL))
  ) WITH (fillfactor = 80)`.execute(db)
  await sql`CREATE INDEX auctions_end ON auctions (ends_at, id) WHERE state = 'open'`.execute(db)
  await sql`CREATE INDEX auctions_seller ON auctions (seller) WHERE state = 'open'`.execute(db)
}
