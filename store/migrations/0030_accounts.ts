import { type Kysely, sql } from 'kysely'
import { lookAlikeKey } from '../../model/people/names.ts'

/** Names read per statement while the keys of existing characters are filled in. */
const BATCH = 5_000

/**
 * Accounts own characters. Until now a session's `sub` was the id of a character: each existing character gets an account of that id, so that such a
 * session keeps playing it. `account` stays nullable, because a process of the previous release may still insert characters during a roll-out.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`CREATE TABLE player_accounts (
    id text PRIMARY KEY,
    display_name text,
    created_at timestamptz NOT NULL DEFAULT now(),
    banned_until timestamptz,
    ban_reason text,
    muted_until timestamptz,
    mute_reason text,
    erased_at timestamptz
  )`.execute(db)
  await sql`ALTER TABLE characters
    ADD account text REFERENCES player_accounts,
    ADD languages text[] NOT NULL DEFAULT '{}',
    ADD look_alike text,
    ADD settings jsonb NOT NULL DEFAULT '{}',
    ADD created_at timestamptz NOT NULL DEFAULT now(),
    ADD deleted_at timestamptz`.execute(db)
  await sql`INSERT INTO player_accounts (id, display_name) SELECT id, name FROM characters`.execute(db)
  await sql`UPDATE characters SET account = id, languages = ARRAY[language]`.execute(db)
  await sql`CREATE INDEX characters_account ON characters (account)`.execute(db)
  await sql`CREATE UNIQUE INDEX characters_look_alike ON characters (look_alike)`.execute(db)
  // Erasing an account finds the letters that its characters wrote and received, deleted ones too.
  await sql`CREATE INDEX mails_writer ON mails (writer)`.execute(db)
  await sql`CREATE INDEX mails_all_reader ON mails (reader)`.execute(db)
  await fillLookAlikes(db)
}

/** Where two existing names look alike, the older character gets the key: the younger one keeps its name, and nobody can choose a third. */
async function fillLookAlikes(db: Kysely<unknown>): Promise<void> {
  for (let after = 0; ; ) {
    const { rows } = await sql<{ id: string; entity: number; name: string }>`
      SELECT id, entity, name FROM characters WHERE entity > ${after} ORDER BY entity LIMIT ${BATCH}`.execute(db)
    const last = rows.at(-1)
    if (last === undefined) return
    const keys = rows.map(({ name }) => lookAlikeKey(name))
    await sql`
      UPDATE characters c SET look_alike = v.key
      FROM (SELECT DISTINCT ON (key) id, key FROM unnest(${rows.map(({ id }) => id)}::text[], ${keys}::text[]) WITH ORDINALITY AS v (id, key, place) ORDER BY key, place) v
      WHERE c.id = v.id AND NOT EXISTS (SELECT FROM characters o WHERE o.look_alike = v.key)`.execute(db)
    after = last.entity
  }
}
