import { type Kysely, sql } from 'kysely'
import { StrataError } from '../../model/errors.ts'
import type { AccountId, CharacterId } from '../../model/ids.ts'
import { foldName } from '../../model/names.ts'
import { toJsonb } from '../database/json.ts'
import { lockAccounts } from '../social/blockLocks.ts'
import * as friendships from '../social/friendships.ts'
import type { Tables } from '../tables.ts'
import { refusal } from './applyCharacters.ts'
import type { LineResult, StudioLine } from './studio.ts'

type Database = Kysely<Tables>
type Line<Kind extends StudioLine['kind']> = Extract<StudioLine, { kind: Kind }>

export async function applyAccounts(db: Database, lines: readonly Line<'account'>[]): Promise<LineResult[]> {
  const latest = [...new Map(lines.map((line) => [line.account, line])).values()].sort((a, b) => (a.account < b.account ? -1 : 1))
  await sql`INSERT INTO player_accounts (id, display_name)
    SELECT id, display_name FROM unnest(${latest.map(({ account }) => account)}::text[], ${latest.map(({ displayName }) => displayName ?? null)}::text[]) AS v (id, display_name)
    ON CONFLICT (id) DO UPDATE SET display_name = coalesce(excluded.display_name, player_accounts.display_name)`.execute(db)
  return lines.map(() => ({ ok: true }))
}

/** Friendships that are to be made in one statement; those to be removed, and blocks, one by one. */
export async function applyFriendships(db: Database, lines: readonly Line<'friendship'>[]): Promise<LineResult[]> {
  if (lines.some(({ remove }) => remove === true)) return Promise.all(lines.map((line) => removeOrMake(db, line)))
  const pairs = lines.map(({ characters: [a, b] }, place) => ({ place, a, b }))
  const rows = await db.transaction().execute(async (inside) => {
    await lockAccounts(
      inside,
      lines.flatMap(({ characters }) => characters),
      'share',
    )
    return (await makeFriendships(inside, pairs)).rows
  })
  return rows.map(({ place, known, blocked }) => {
    const [a, b] = lines[place]?.characters ?? ['', '']
    if (!known) return refusal(new StrataError('CHARACTER_UNKNOWN', { character: `${a}" or "${b}` }))
    return blocked ? refusal(new StrataError('BAD_REQUEST', { problem: 'one of them has blocked the other' })) : { ok: true }
  })
}

function makeFriendships(db: Database, pairs: readonly { place: number; a: CharacterId; b: CharacterId }[]) {
  return sql<{ place: number; known: boolean; blocked: boolean }>`
    WITH v AS MATERIALIZED (
      SELECT v.place, a.id AS a, b.id AS b, a.account AS account_a, b.account AS account_b
      FROM jsonb_to_recordset(${toJsonb(pairs)}::jsonb) AS v (place integer, a text, b text)
      LEFT JOIN characters a ON a.id = v.a AND a.deleted_at IS NULL LEFT JOIN characters b ON b.id = v.b AND b.deleted_at IS NULL
    ), checked AS MATERIALIZED (
      SELECT *, a IS NOT NULL AND b IS NOT NULL AND a <> b AS known,
        EXISTS (SELECT FROM blocks k WHERE (k.account = account_a AND k.blocked = account_b) OR (k.account = account_b AND k.blocked = account_a)) AS blocked FROM v
    ), made AS (
      INSERT INTO friendships (character, friend)
      SELECT character, friend FROM (
        SELECT a AS character, b AS friend FROM checked WHERE known AND NOT blocked UNION SELECT b, a FROM checked WHERE known AND NOT blocked
      ) both_ways ORDER BY character, friend ON CONFLICT DO NOTHING
    )
    SELECT place, known, blocked FROM checked ORDER BY place`.execute(db)
}

async function removeOrMake(db: Database, { characters: [a, b], remove }: Line<'friendship'>): Promise<LineResult> {
  return attempt(() => (remove === true ? friendships.removeFriend(db, a, b) : friendships.befriend(db, a, b)))
}

export async function applyBlocks(db: Database, lines: readonly Line<'block'>[]): Promise<LineResult[]> {
  const results: LineResult[] = []
  for (const { character, blocked, remove } of lines) {
    results.push(await attempt(() => (remove === true ? friendships.unblock(db, character, blocked) : friendships.block(db, character, blocked))))
  }
  return results
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
