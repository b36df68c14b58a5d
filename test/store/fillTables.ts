import type pg from 'pg'

export const PEOPLE = 100_000

/** Fills the tables as a game of 100,000 characters fills them in some weeks, and analyses them. Triggers and foreign keys are off meanwhile. */
export async function fillTables(client: pg.Client): Promise<void> {
  await client.query(`SET session_replication_role = replica`)
  for (const statement of statements) await client.query(statement)
  await client.query(`SET session_replication_role = origin`)
  await client.query('ANALYZE')
}

const people = `generate_series(1, ${PEOPLE}) n`

const statements = [
  `INSERT INTO player_accounts (id) SELECT 'account-' || n FROM ${people}`,
  `INSERT INTO guilds (id, name, name_key) SELECT 'guild-' || n, 'Guild ' || n, 'guild ' || n FROM generate_series(1, 8000) n`,
  `INSERT INTO characters (id, account, name, name_key, look_alike, language, languages, guild, epoch, live_copy, live_server)
    SELECT 'c-' || n, 'account-' || n, 'Person ' || n, 'person ' || n, 'person ' || n, 'en', ARRAY['en'], 'guild-' || (1 + n % 8000), 1,
      CASE WHEN n % 10 = 0 THEN 'copy-1' END, CASE WHEN n % 10 = 0 THEN 'server-1' END FROM ${people}`,
  `INSERT INTO guild_ranks (character, guild, rank) SELECT 'c-' || n, 'guild-' || (1 + n % 8000), CASE WHEN n <= 8000 THEN 'leader' ELSE 'officer' END FROM generate_series(1, 24000) n`,
  `INSERT INTO guild_invitations (guild, character, expires_at) SELECT 'guild-' || (1 + (n + 5) % 8000), 'c-' || n, now() + interval '1 day' FROM generate_series(1, 20000) n`,
  `INSERT INTO friendships (character, friend) SELECT 'c-' || n, 'c-' || (1 + (n + d) % ${PEOPLE}) FROM ${people}, unnest(ARRAY[6, 28, ${PEOPLE - 8}, ${PEOPLE - 30}]) d`,
  `INSERT INTO friend_requests (sender, receiver, sent_at) SELECT 'c-' || n, 'c-' || (n + 100), now() FROM generate_series(1, 50000) n`,
  `INSERT INTO blocks (account, blocked, character) SELECT 'account-' || n, 'account-' || (n + 500), 'c-' || (n + 500) FROM generate_series(1, 50000) n`,
  `INSERT INTO parties (id, leader) SELECT 'party-' || n, 'c-' || (n * 4) FROM generate_series(1, 10000) n`,
  `INSERT INTO party_members (party, character) SELECT 'party-' || (1 + (n - 1) / 4), 'c-' || n FROM generate_series(1, 40000) n`,
  `INSERT INTO party_invitations (party, character, inviter, expires_at) SELECT 'party-' || (1 + n % 10000), 'c-' || (n + 50000), 'c-' || n, now() + interval '1 day' FROM generate_series(1, 20000) n`,
  `INSERT INTO profile_changes (character, due) SELECT 'c-' || n, now() + n * interval '1 second' FROM generate_series(1, 20000) n`,
  `INSERT INTO audit_log (actor, action, subject) SELECT 'operator', 'ban', 'account-' || n FROM generate_series(1, 20000) n`,
  `INSERT INTO webhook_outbox (lane, type, data, at, dead_at)
    SELECT 'c-' || n, 'character.left', '{}', now() - n * interval '1 second', CASE WHEN n % 10 = 0 THEN now() - n * interval '1 second' END FROM generate_series(1, 20000) n`,
  `INSERT INTO violations (id, at, character, map, copy, tick, kind, count, action, x, y, evidence, trust)
    SELECT 'violation-' || n, now() - n * interval '1 second', 'c-' || (1 + n % ${PEOPLE}), 'map-1', 'copy-1', n, 'speed', 1, CASE WHEN n % 100 = 0 THEN 'flag' ELSE 'correct' END, 0, 0, '{}', 90 FROM ${people}`,
  `INSERT INTO decisions (id, at, kind, map, copy, characters, reason, policy_version, candidates, inputs)
    SELECT 'decision-' || n, now() - n * interval '1 second', 'place', 'map-' || (n % 20), 'copy-' || (n % 100), ARRAY['c-' || (1 + n % ${PEOPLE})], 'placed', 'v1', '[]', '{}' FROM ${people}`,
  `INSERT INTO acquaintances (character, at, minutes) SELECT 'c-' || n, now(), '{}' FROM ${people}`,
  `INSERT INTO hops (character, map, level, at, copy) SELECT 'c-' || n, 'map-1', 1, now() - n * interval '1 second', 'copy-1' FROM ${people}`,
  `INSERT INTO locks (character, key, deed, taken, until) SELECT 'c-' || n, 'boss:dragon', 'deed-' || n, now(), now() + n * interval '1 second' FROM ${people}`,
  `INSERT INTO instance_openings (character, map, at, party) SELECT 'c-' || n, 'cave', now() - n * interval '1 second', 'party-' || n FROM ${people}`,
  `INSERT INTO accounts (id, character, balance) SELECT 'character:c-' || n, 'c-' || n, 100 FROM ${people}`,
  `INSERT INTO accounts (id, guild, balance) SELECT 'guild:guild-' || n, 'guild-' || n, 100 FROM generate_series(1, 8000) n`,
  `INSERT INTO items (id, kind, holder) SELECT 'item-' || n, 'ore', 'character:c-' || n FROM ${people}`,
  `INSERT INTO transactions (id, kind, actor, at, note) SELECT 't-' || n, 'grant', 'c-' || n, now(), '{}' FROM ${people}`,
  `INSERT INTO postings (transaction, account, amount) SELECT 't-' || n, 'character:c-' || n, 100 FROM ${people}`,
  `INSERT INTO item_moves (transaction, item, kind, giver, taker) SELECT 't-' || n, 'item-' || n, 'ore', 'world', 'character:c-' || n FROM ${people}`,
  `INSERT INTO requests (actor, key, fingerprint, at, answer) SELECT 'c-' || n, 'k', 'f', now() - n * interval '1 second', '{}' FROM ${people}`,
  `INSERT INTO mails (id, writer, reader, house, subject, body, sent_at, expires_at, state)
    SELECT 'mail-' || n, 'c-' || n, 'c-' || (1 + (n + 1) % ${PEOPLE}), false, 's', 'b', now(), now() + n * interval '1 minute', CASE WHEN n % 2 = 0 THEN 'empty' ELSE 'deleted' END FROM ${people}`,
  `INSERT INTO auctions (id, seller, start_price, ends_at, state)
    SELECT 'auction-' || n, 'c-' || n, 10, now() + n * interval '1 second', CASE WHEN n % 20 = 0 THEN 'open' ELSE 'unsold' END FROM ${people}`,
  `INSERT INTO trades (id, copy, a, b, epoch_a, epoch_b, state, opened_at) SELECT 'trade-' || n, 'copy-1', 'c-' || n, 'c-' || (n + 1), 1, 1, 'done', now() FROM generate_series(1, ${PEOPLE - 1}) n`,
]
