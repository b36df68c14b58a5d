import { type Kysely, sql } from 'kysely'

/**
 * Friendships and blocks write their profile changes once per statement. A seat says nothing of friends and blocks, and a server reads the profile of each character that
 * enters, so nothing is applied a second time (`repeated`). A friendship concerns only characters in the world: an import of a million friendships leaves the outbox as it
 * is. A block is noted for all characters of both accounts, so that a character that enters at the same moment cannot miss it.
 *
 * `OFFSET 0` keeps PostgreSQL from turning the look at an index into a join that reads all characters.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`DROP TRIGGER profile_change ON friendships`.execute(db)
  await sql`DROP TRIGGER profile_change ON blocks`.execute(db)
  await sql`CREATE FUNCTION note_changed_friends() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO profile_changes (character, repeated)
        SELECT c.id, true FROM (SELECT DISTINCT character FROM changed) x
          CROSS JOIN LATERAL (SELECT id FROM characters WHERE id = x.character AND live_copy IS NOT NULL OFFSET 0) c;
      RETURN NULL;
    END $$`.execute(db)
  await sql`CREATE FUNCTION note_changed_blocks() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO profile_changes (character, repeated)
        SELECT c.id, true FROM (SELECT account FROM changed UNION SELECT blocked FROM changed) x
          CROSS JOIN LATERAL (SELECT id FROM characters WHERE account = x.account OFFSET 0) c;
      RETURN NULL;
    END $$`.execute(db)
  for (const [table, call] of [
    ['friendships', 'note_changed_friends()'],
    ['blocks', 'note_changed_blocks()'],
  ] as const) {
    for (const [event, rows] of [
      ['INSERT', 'NEW'],
      ['DELETE', 'OLD'],
    ] as const)
      await sql`CREATE TRIGGER ${sql.ref(`profile_change_${event.toLowerCase()}`)} AFTER ${sql.raw(event)} ON ${sql.table(table)}
        REFERENCING ${sql.raw(rows)} TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ${sql.raw(call)}`.execute(db)
  }
}
