import { type Kysely, sql } from 'kysely'

/** For each table: the topic of the list that it holds, and the columns with the characters whose list it is. */
const tables: readonly [table: string, topic: string, columns: readonly string[]][] = [
  ['friendships', 'friends', ['character']],
  ['friend_requests', 'friendRequests', ['sender', 'receiver']],
  ['party_invitations', 'partyInvitations', ['character']],
  ['guild_invitations', 'guildInvitations', ['character']],
]

/**
 * Outbox of notices for players who are in the world: which of their lists changed. Triggers write it inside the transaction that makes the change, once per
 * statement, so that an import pays one look at an index and no rows. A matchmaker passes the notices on. A blocked account gets none about the block.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`CREATE TABLE player_notices (
    id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    character text NOT NULL,
    topic text NOT NULL
  )`.execute(db)
  await sql`CREATE FUNCTION note_for_players() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      FOR place IN 1 .. TG_NARGS - 1 LOOP
        EXECUTE format('INSERT INTO player_notices (character, topic)
          SELECT DISTINCT c.id, %L FROM changed x JOIN characters c ON c.id = x.%I WHERE c.live_copy IS NOT NULL', TG_ARGV[0], TG_ARGV[place]);
      END LOOP;
      RETURN NULL;
    END $$`.execute(db)
  await sql`CREATE FUNCTION note_party_for_players() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_TABLE_NAME = 'parties' THEN
        INSERT INTO player_notices (character, topic)
          SELECT c.id, 'party' FROM changed x JOIN party_members m ON m.party = x.id JOIN characters c ON c.id = m.character WHERE c.live_copy IS NOT NULL;
      ELSE
        INSERT INTO player_notices (character, topic)
          SELECT c.id, 'party' FROM changed x JOIN characters c ON c.id = x.character WHERE c.live_copy IS NOT NULL
          UNION SELECT c.id, 'party' FROM changed x JOIN party_members m ON m.party = x.party JOIN characters c ON c.id = m.character WHERE c.live_copy IS NOT NULL;
      END IF;
      RETURN NULL;
    END $$`.execute(db)
  await sql`CREATE FUNCTION note_blocks_for_players() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO player_notices (character, topic)
        SELECT DISTINCT c.id, 'blocks' FROM changed x JOIN characters c ON c.account = x.account WHERE c.live_copy IS NOT NULL;
      RETURN NULL;
    END $$`.execute(db)
  await sql`CREATE FUNCTION note_profile_for_player() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO player_notices (character, topic) VALUES (NEW.id, 'profile');
      RETURN NULL;
    END $$`.execute(db)
  const trigger = async (table: string, event: 'INSERT' | 'DELETE', call: string): Promise<void> => {
    await sql`CREATE TRIGGER ${sql.ref(`player_notice_${event.toLowerCase()}`)} AFTER ${sql.raw(event)} ON ${sql.table(table)}
      REFERENCING ${sql.raw(event === 'INSERT' ? 'NEW' : 'OLD')} TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ${sql.raw(call)}`.execute(db)
  }
  for (const event of ['INSERT', 'DELETE'] as const) {
    for (const [table, topic, columns] of tables) await trigger(table, event, `note_for_players(${[topic, ...columns].map((text) => `'${text}'`).join(', ')})`)
    await trigger('party_members', event, 'note_party_for_players()')
    await trigger('blocks', event, 'note_blocks_for_players()')
  }
  await sql`CREATE TRIGGER player_notice_leader AFTER UPDATE ON parties
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_party_for_players()`.execute(db)
  await sql`CREATE TRIGGER player_notice AFTER UPDATE OF name, languages, guild, settings ON characters
    FOR EACH ROW WHEN (NEW.live_copy IS NOT NULL AND (OLD.name, OLD.languages, OLD.guild, OLD.settings) IS DISTINCT FROM (NEW.name, NEW.languages, NEW.guild, NEW.settings))
    EXECUTE FUNCTION note_profile_for_player()`.execute(db)
}
