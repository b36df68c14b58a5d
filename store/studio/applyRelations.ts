import { type Kysely, type RawBuilder, sql } from 'kysely'
import { StrataError } from '../../model/errors.ts'
import type { AccountId, CharacterId } from '../../model/ids.ts'
import { foldName } from '../../model/people/names.ts'
import { lockAccounts } from '../social/blockLocks.ts'
import type { Blocks } from '../social/blocks.ts'
import { noteBlocked } from '../social/profileChanges.ts'
import type { Tables } from '../tables.ts'
import { erasedAccount, refusal } from './refusal.ts'
import type { LineResult, StudioLine } from './studio.ts'

type Database = Kysely<Tables>
type Line<Kind extends StudioLine['kind']> = Extract<StudioLine, { kind: Kind }>

export async function applyAccounts(db: Database, lines: readonly Line<'account'>[]): Promise<LineResult[]> {
  const latest = [...new Map(lines.map((line) => [line.account, line])).values()].sort((a, b) => (a.account < b.account ? -1 : 1))
  const ids = latest.map(({ account }) => account)
  const { rows: erased } = await sql<{ id: AccountId }>`SELECT id FROM player_accounts WHERE id = ANY(${ids}::text[]) AND erased_at IS NOT NULL`.execute(db)
  await sql`INSERT INTO player_accounts AS p (id, display_name)
    SELECT id, display_name FROM unnest(${ids}::text[], ${latest.map(({ displayName }) => displayName ?? null)}::text[]) AS v (id, display_name)
    ON CONFLICT (id) DO UPDATE SET display_name = excluded.display_name
    WHERE p.erased_at IS NULL AND excluded.display_name IS NOT NULL AND p.display_name IS DISTINCT FROM excluded.display_name`.execute(db)
  return lines.map(({ account }) => (erased.some(({ id }) => id === account) ? refusal(erasedAccount(account)) : { ok: true }))
}

/** Friendships that all are to be made, or all are to be removed. A block forbids one, in the table or in the studio's social graph. */
export async function applyFriendships(db: Database, blocks: Blocks, lines: readonly Line<'friendship'>[]): Promise<LineResult[]> {
  const [a, b] = [lines.map(({ characters }) => characters[0]), lines.map(({ characters }) => characters[1])]
  if (lines[0]?.remove === true) {
    await sql`
      DELETE FROM friendships f USING unnest(${a}::text[], ${b}::text[]) AS v (a, b)
      WHERE (f.character = v.a AND f.friend = v.b) OR (f.character = v.b AND f.friend = v.a)`.execute(db)
    return lines.map(() => ({ ok: true }))
  }
  const elsewhere = await blocks.elsewhere(lines.map(({ characters }) => characters))
  const { rows } = await db.transaction().execute(async (inside) => {
    await lockAccounts(inside, [...a, ...b], 'share')
    return sql<Pair>`
    WITH checked AS MATERIALIZED (${checkedPairs(a, b, elsewhere)}), made AS (
      INSERT INTO friendships (character, friend)
      SELECT character, friend FROM (
        SELECT a AS character, b AS friend FROM checked WHERE known AND NOT blocked UNION SELECT b, a FROM checked WHERE known AND NOT blocked
      ) both_ways ORDER BY character, friend ON CONFLICT DO NOTHING RETURNING character, friend
    ), answered AS (
      DELETE FROM friend_requests r USING made m WHERE r.sender = m.character AND r.receiver = m.friend
    )
    SELECT known, blocked FROM checked ORDER BY place`.execute(inside)
  })
  return rows.map(({ known, blocked }, place) => {
    if (!known) return refusal(unknownPair(a[place], b[place]))
    return blocked ? refusal(new StrataError('BAD_REQUEST', { problem: 'one of the two accounts has blocked the other' })) : { ok: true }
  })
}

/** Blocks that all are to be made, or all are to be removed. A block ends friendships, requests and invitations between the two accounts. */
export async function applyBlocks(db: Database, lines: readonly Line<'block'>[]): Promise<LineResult[]> {
  const [a, b] = [lines.map(({ character }) => character), lines.map(({ blocked }) => blocked)]
  if (lines[0]?.remove === true) {
    await sql`
      DELETE FROM blocks k USING unnest(${a}::text[], ${b}::text[]) AS v (a, b), characters x, characters y
      WHERE x.id = v.a AND y.id = v.b AND k.account = x.account AND k.blocked = y.account`.execute(db)
    return lines.map(() => ({ ok: true }))
  }
  const { fresh, results } = await db.transaction().execute(async (inside) => {
    await lockAccounts(inside, [...a, ...b], 'alone')
    const { rows } = await sql<Pair & { account_a: AccountId | null; account_b: AccountId | null; fresh: boolean }>`
      WITH checked AS MATERIALIZED (${checkedPairs(a, b)}), made AS (
        INSERT INTO blocks (account, blocked, character)
        SELECT DISTINCT ON (account_a, account_b) account_a, account_b, b FROM checked WHERE known AND account_a <> account_b
        ORDER BY account_a, account_b, place ON CONFLICT (account, blocked) DO NOTHING RETURNING account, blocked
      )
      SELECT c.known, c.blocked, c.account_a, c.account_b, m.account IS NOT NULL AS fresh
      FROM checked c LEFT JOIN made m ON m.account = c.account_a AND m.blocked = c.account_b ORDER BY c.place`.execute(inside)
    const made = rows.filter((row) => row.known && row.account_a !== row.account_b)
    await endRelations(
      inside,
      made.map((row) => row.account_a),
      made.map((row) => row.account_b),
    )
    const results = rows.map(({ known, account_a, account_b }, place): LineResult => {
      if (!known) return refusal(unknownPair(a[place], b[place]))
      return account_a === account_b ? refusal(new StrataError('BAD_REQUEST', { problem: 'both characters belong to one account' })) : { ok: true }
    })
    return { fresh: rows.filter((row) => row.fresh), results }
  })
  await noteBlocked(
    db,
    fresh.flatMap(({ account_a, account_b }) => [account_a ?? [], account_b ?? []].flat()),
  )
  return results
}

interface Pair {
  known: boolean
  blocked: boolean
}

/** SQL: one row a pair, in order, with both accounts, whether both characters are there, and whether there is a block between them, in the table or `elsewhere`. */
function checkedPairs(a: readonly CharacterId[], b: readonly CharacterId[], elsewhere: readonly boolean[] = []): RawBuilder<unknown> {
  return sql`
    SELECT v.place, x.id AS a, y.id AS b, x.account AS account_a, y.account AS account_b, x.id IS NOT NULL AND y.id IS NOT NULL AND x.id <> y.id AS known,
      coalesce(v.elsewhere, false)
        OR EXISTS (SELECT FROM blocks k WHERE (k.account = x.account AND k.blocked = y.account) OR (k.account = y.account AND k.blocked = x.account)) AS blocked
    FROM unnest(${[...a]}::text[], ${[...b]}::text[], ${[...elsewhere]}::boolean[]) WITH ORDINALITY AS v (a, b, elsewhere, place)
    LEFT JOIN characters x ON x.id = v.a AND x.deleted_at IS NULL LEFT JOIN characters y ON y.id = v.b AND y.deleted_at IS NULL`
}

/** Between the characters of each pair of accounts. Joins, not IN: each deletion finds its rows by the indexes of characters and of the table. */
async function endRelations(inside: Database, a: readonly (AccountId | null)[], b: readonly (AccountId | null)[]): Promise<void> {
  const pairs = sql`
    WITH pairs AS MATERIALIZED (
      SELECT DISTINCT x.id AS a, y.id AS b
      FROM unnest(${[...a, ...b]}::text[], ${[...b, ...a]}::text[]) AS v (a, b) JOIN characters x ON x.account = v.a JOIN characters y ON y.account = v.b
    )`
  await sql`${pairs} DELETE FROM friendships f USING pairs p WHERE f.character = p.a AND f.friend = p.b`.execute(inside)
  await sql`${pairs} DELETE FROM friend_requests r USING pairs p WHERE r.sender = p.a AND r.receiver = p.b`.execute(inside)
  await sql`${pairs} DELETE FROM party_invitations i USING pairs p WHERE i.inviter = p.a AND i.character = p.b`.execute(inside)
}

function unknownPair(a = '', b = ''): StrataError {
  return new StrataError('CHARACTER_UNKNOWN', { character: `${a}" or "${b}` })
}

export async function applyGuilds(db: Database, lines: readonly Line<'guild'>[]): Promise<LineResult[]> {
  const results: LineResult[] = []
  for (const line of lines) results.push(await attempt(() => applyGuild(db, line)))
  return results
}

async function applyGuild(db: Database, { guild, name, members }: Line<'guild'>): Promise<void> {
  await db.transaction().execute(async (inside) => {
    const { rows } = await sql<{ id: AccountId }>`
      INSERT INTO guilds (id, name, name_key) VALUES (${guild}, ${name}, ${foldName(name)})
      ON CONFLICT (id) DO UPDATE SET name = excluded.name, name_key = excluded.name_key
      RETURNING id`.execute(inside)
    if (rows.length === 0) throw new StrataError('GUILD_REFUSED', { problem: `there is a guild named "${name}"` })
    if (members === undefined) return
    const ids = members.map(({ character }) => character)
    const known = await sql<{ id: CharacterId }>`
      SELECT id FROM characters WHERE (id = ANY(${ids}::text[]) OR guild = ${guild}) AND deleted_at IS NULL ORDER BY id FOR NO KEY UPDATE`.execute(inside)
    const missing = ids.find((id) => !known.rows.some((row) => row.id === id))
    if (missing !== undefined) throw new StrataError('CHARACTER_UNKNOWN', { character: missing })
    await sql`UPDATE characters SET guild = NULL WHERE guild = ${guild} AND NOT id = ANY(${ids}::text[])`.execute(inside)
    await sql`UPDATE characters SET guild = ${guild} WHERE id = ANY(${ids}::text[]) AND guild IS DISTINCT FROM ${guild}`.execute(inside)
    await sql`DELETE FROM guild_ranks WHERE guild = ${guild} OR character = ANY(${ids}::text[])`.execute(inside)
    const ranked = members.filter(({ rank }) => rank !== 'member')
    await sql`INSERT INTO guild_ranks (character, guild, rank)
      SELECT character, ${guild}, rank FROM unnest(${ranked.map(({ character }) => character)}::text[], ${ranked.map(({ rank }) => rank)}::text[]) AS v (character, rank)`.execute(
      inside,
    )
  })
}

/** A refusal becomes the line's result; anything else (a database that is away) stops the import. */
async function attempt(change: () => Promise<unknown>): Promise<LineResult> {
  try {
    await change()
    return { ok: true }
  } catch (error) {
    if (error instanceof StrataError && error.code !== 'DEPENDENCY_DOWN') return refusal(error)
    if (error instanceof Error && 'code' in error && error.code === '23505') return refusal(new StrataError('GUILD_REFUSED', { problem: 'the name is taken' }))
    throw error
  }
}
