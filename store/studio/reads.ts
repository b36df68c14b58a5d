import { type Kysely, sql } from 'kysely'
import type { GuildRank } from '../../model/economy.ts'
import type { AccountId, CharacterId, GuildId } from '../../model/ids.ts'
import type { AccountRecord, CharacterSummary } from '../accounts/accounts.ts'
import { columns, summaryOf } from '../accounts/characters.ts'
import { accountColumns, recordOf } from '../accounts/sanctions.ts'
import type { Tables } from '../tables.ts'
import type { Page, StudioBlock, StudioFriendship } from './studio.ts'

type Database = Kysely<Tables>

/** Every page reads an index from its key on, so that a page costs the same at the end of a table as at its beginning. */
export async function accounts(db: Database, { after = '', limit }: Page<AccountId>): Promise<AccountRecord[]> {
  const query = db.selectFrom('player_accounts').select(accountColumns).where('id', '>', after).where('erased_at', 'is', null)
  return (await query.orderBy('id').limit(limit).execute()).map(recordOf)
}

export async function characters(db: Database, { after = '', limit, account }: Page<CharacterId> & { account?: AccountId }): Promise<CharacterSummary[]> {
  const all = db.selectFrom('characters').select(columns).where('id', '>', after).where('deleted_at', 'is', null).orderBy('id').limit(limit)
  return (await (account === undefined ? all : all.where('account', '=', account)).execute()).map(summaryOf)
}

export async function character(db: Database, id: CharacterId): Promise<CharacterSummary | undefined> {
  const row = await db.selectFrom('characters').select(columns).where('id', '=', id).where('deleted_at', 'is', null).executeTakeFirst()
  return row === undefined ? undefined : summaryOf(row)
}

type PairPage = Page<readonly [string, string]>

export async function friendships(
  db: Database,
  { after: [a, b] = ['', ''], limit, character: one }: PairPage & { character?: CharacterId },
): Promise<StudioFriendship[]> {
  // A pair has two rows. All pairs: the row whose character is the smaller id. Of one character: its own rows, put in order.
  const { rows } = await (one === undefined
    ? sql<{ a: CharacterId; b: CharacterId; since: Date }>`
        SELECT character AS a, friend AS b, since FROM friendships
        WHERE character < friend AND (character, friend) > (${a}, ${b}) ORDER BY character, friend LIMIT ${limit}`
    : sql<{ a: CharacterId; b: CharacterId; since: Date }>`
        SELECT least(character, friend) AS a, greatest(character, friend) AS b, since FROM friendships
        WHERE character = ${one} AND (least(character, friend), greatest(character, friend)) > (${a}, ${b}) ORDER BY a, b LIMIT ${limit}`
  ).execute(db)
  return rows.map((row) => ({ characters: [row.a, row.b], since: row.since.getTime() }))
}

export async function blocks(db: Database, { after: [a, b] = ['', ''], limit, account }: PairPage & { account?: AccountId }): Promise<StudioBlock[]> {
  const { rows } = await sql<{ account: AccountId; blocked: AccountId; character: CharacterId; since: Date }>`
    SELECT account, blocked, character, since FROM blocks
    WHERE (account, blocked) > (${a}, ${b}) AND (${account ?? null}::text IS NULL OR account = ${account ?? null}) ORDER BY account, blocked LIMIT ${limit}`.execute(
    db,
  )
  return rows.map((row) => ({ account: row.account, blockedAccount: row.blocked, blocked: row.character, since: row.since.getTime() }))
}

export async function guilds(db: Database, { after = '', limit }: Page<GuildId>): Promise<{ guild: GuildId; name: string }[]> {
  const rows = await db.selectFrom('guilds').select(['id', 'name']).where('id', '>', after).orderBy('id').limit(limit).execute()
  return rows.map(({ id, name }) => ({ guild: id, name }))
}

export async function roster(
  db: Database,
  guild: GuildId,
): Promise<{ guild: GuildId; name: string; members: { character: CharacterId; rank: GuildRank }[] } | undefined> {
  const found = await db.selectFrom('guilds').select(['id', 'name']).where('id', '=', guild).executeTakeFirst()
  if (found === undefined) return undefined
  const { rows } = await sql<{ character: CharacterId; rank: GuildRank }>`
    SELECT c.id AS character, coalesce(r.rank, 'member') AS rank FROM characters c LEFT JOIN guild_ranks r ON r.character = c.id AND r.guild = c.guild
    WHERE c.guild = ${guild} AND c.deleted_at IS NULL ORDER BY c.id`.execute(db)
  return { guild: found.id, name: found.name, members: rows }
}
