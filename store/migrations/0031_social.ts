import { type Kysely, sql } from 'kysely'

/**
 * Friendships are symmetric: two rows each, so that "friends of" reads one index. Blocks are between accounts: a blocked player's other characters are
 * blocked, too. `friend_wishes` stays for processes of the previous release and is not read any more.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`CREATE TABLE friendships (
    character text NOT NULL REFERENCES characters ON DELETE CASCADE,
    friend text NOT NULL REFERENCES characters ON DELETE CASCADE,
    since timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (character, friend),
    CHECK (character <> friend)
  )`.execute(db)
  await sql`CREATE INDEX friendships_friend ON friendships (friend)`.execute(db)
  await sql`INSERT INTO friendships (character, friend)
    SELECT w.character, f.id FROM friend_wishes w JOIN characters f ON f.name_key = w.wished_key WHERE w.character <> f.id
    UNION SELECT f.id, w.character FROM friend_wishes w JOIN characters f ON f.name_key = w.wished_key WHERE w.character <> f.id`.execute(db)
  await sql`CREATE TABLE friend_requests (
    sender text NOT NULL REFERENCES characters ON DELETE CASCADE,
    receiver text NOT NULL REFERENCES characters ON DELETE CASCADE,
    sent_at timestamptz NOT NULL,
    PRIMARY KEY (sender, receiver)
  )`.execute(db)
  await sql`CREATE INDEX friend_requests_receiver ON friend_requests (receiver)`.execute(db)
  await sql`CREATE TABLE blocks (
    account text NOT NULL REFERENCES player_accounts ON DELETE CASCADE,
    blocked text NOT NULL REFERENCES player_accounts ON DELETE CASCADE,
    character text NOT NULL REFERENCES characters ON DELETE CASCADE,
    since timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account, blocked),
    CHECK (account <> blocked)
  )`.execute(db)
  await sql`CREATE INDEX blocks_blocked ON blocks (blocked)`.execute(db)
  await sql`ALTER TABLE parties ADD leader text REFERENCES characters ON DELETE SET NULL`.execute(db)
  await sql`UPDATE parties p SET leader = (SELECT m.character FROM party_members m WHERE m.party = p.id ORDER BY m.joined LIMIT 1)`.execute(db)
  await sql`CREATE TABLE party_invitations (
    party text NOT NULL REFERENCES parties ON DELETE CASCADE,
    character text NOT NULL REFERENCES characters ON DELETE CASCADE,
    inviter text NOT NULL REFERENCES characters ON DELETE CASCADE,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (party, character)
  )`.execute(db)
  await sql`CREATE INDEX party_invitations_character ON party_invitations (character)`.execute(db)
}
