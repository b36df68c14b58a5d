import { type Kysely, sql, type Transaction } from 'kysely'
import type { Instant } from '../../model/clock.ts'
import { StrataError } from '../../model/errors.ts'
import type { AccountId, CharacterId } from '../../model/ids.ts'
import { type CharacterSettings, defaultSettings } from '../accounts/accounts.ts'
import type { Tables } from '../tables.ts'
import { lockAccounts } from './blockLocks.ts'
import type { Blocks, BlocksOf } from './blocks.ts'
import { noteBlocked } from './profileChanges.ts'
import type { Friend, FriendRequest, Person } from './social.ts'

type Database = Kysely<Tables>
type Inside = Transaction<Tables>

/** Two characters; `character` asks. */
interface Two {
  character: CharacterId
  other: CharacterId
}

/** Friends, open requests and blocks that one character may have of each; enough for everybody but a flood. */
export const SOCIAL_LIMIT = 500

export async function friends(db: Database, character: CharacterId): Promise<Friend[]> {
  const { rows } = await sql<{ character: CharacterId; name: string; since: Date; settings: Partial<CharacterSettings> }>`
    SELECT c.id AS character, c.name, f.since, c.settings FROM friendships f JOIN characters c ON c.id = f.friend
    WHERE f.character = ${character} ORDER BY c.name_key`.execute(db)
  return rows.map(({ since, settings, ...person }) => ({ ...person, since: since.getTime(), settings: { ...defaultSettings, ...settings } }))
}

/** Without those of somebody between whose account and this character's there is a block: a block elsewhere deletes no request. */
export async function friendRequests(db: Database, blocks: Blocks, character: CharacterId): Promise<{ received: FriendRequest[]; sent: FriendRequest[] }> {
  const { rows } = await sql<{ character: CharacterId; name: string; sent_at: Date; received: boolean }>`
    SELECT c.id AS character, c.name, r.sent_at, true AS received FROM friend_requests r JOIN characters c ON c.id = r.sender WHERE r.receiver = ${character}
    UNION ALL
    SELECT c.id AS character, c.name, r.sent_at, false AS received FROM friend_requests r JOIN characters c ON c.id = r.receiver WHERE r.sender = ${character}
    ORDER BY sent_at DESC`.execute(db)
  const blocked = await (await blocks.of(character)).among(
    db,
    rows.map((row) => row.character),
  )
  const of = (received: boolean): FriendRequest[] =>
    rows
      .filter((row) => row.received === received && !blocked.has(row.character))
      .map(({ character, name, sent_at }) => ({ character, name, sentAt: sent_at.getTime() }))
  return { received: of(true), sent: of(false) }
}

export async function requestFriend(db: Database, blocks: Blocks, { character, other }: Two, now: Instant): Promise<'requested' | 'friends'> {
  const own = await blocks.of(character)
  return db.transaction().execute(async (inside) => {
    await lockPair(inside, own, { character, other })
    if (await areFriends(inside, character, other)) return 'friends'
    const received = await inside.deleteFrom('friend_requests').where('sender', '=', other).where('receiver', '=', character).executeTakeFirst()
    if (received.numDeletedRows > 0n) {
      await insertFriendship(inside, character, other)
      return 'friends'
    }
    await refuseAbove(inside, sql`SELECT count(*) AS count FROM friend_requests WHERE sender = ${character}`)
    await refuseAbove(inside, sql`SELECT count(*) AS count FROM friend_requests WHERE receiver = ${other}`)
    await inside
      .insertInto('friend_requests')
      .values({ sender: character, receiver: other, sent_at: new Date(now) })
      .onConflict((conflict) => conflict.doNothing())
      .execute()
    return 'requested'
  })
}

export async function acceptFriend(db: Database, blocks: Blocks, { character, other: sender }: Two): Promise<void> {
  const own = await blocks.of(character)
  await db.transaction().execute(async (inside) => {
    await lockPair(inside, own, { character, other: sender })
    const { numDeletedRows } = await inside.deleteFrom('friend_requests').where('sender', '=', sender).where('receiver', '=', character).executeTakeFirst()
    if (numDeletedRows === 0n) throw new StrataError('REQUEST_UNKNOWN')
    await insertFriendship(inside, character, sender)
  })
}

export async function dropRequest(db: Database, character: CharacterId, other: CharacterId): Promise<void> {
  await sql`DELETE FROM friend_requests WHERE (sender = ${other} AND receiver = ${character}) OR (sender = ${character} AND receiver = ${other})`.execute(db)
}

export async function removeFriend(db: Database, character: CharacterId, friend: CharacterId): Promise<void> {
  await sql`DELETE FROM friendships WHERE (character = ${character} AND friend = ${friend}) OR (character = ${friend} AND friend = ${character})`.execute(db)
}

export async function befriend(db: Database, blocks: Blocks, { character, other }: Two): Promise<void> {
  const own = await blocks.of(character)
  await db.transaction().execute(async (inside) => {
    await lockPair(inside, own, { character, other })
    await insertFriendship(inside, character, other)
    await dropRequest(inside, character, other)
  })
}

export async function blocks(db: Database, character: CharacterId): Promise<(Person & { since: Instant })[]> {
  const { rows } = await sql<{ character: CharacterId; name: string; since: Date }>`
    SELECT c.id AS character, c.name, b.since FROM blocks b JOIN characters c ON c.id = b.character
    WHERE b.account = (SELECT account FROM characters WHERE id = ${character}) ORDER BY c.name_key`.execute(db)
  return rows.map(({ since, ...person }) => ({ ...person, since: since.getTime() }))
}

export async function block(db: Database, character: CharacterId, other: CharacterId): Promise<void> {
  const accounts = await db.transaction().execute(async (inside) => {
    const [own, theirs] = await lockPair(inside, undefined, { character, other })
    if (own === theirs) throw new StrataError('BAD_REQUEST', { problem: 'you cannot block your own account' })
    await refuseAbove(inside, sql`SELECT count(*) AS count FROM blocks WHERE account = ${own}`)
    await sql`INSERT INTO blocks (account, blocked, character) VALUES (${own}, ${theirs}, ${other}) ON CONFLICT (account, blocked) DO NOTHING`.execute(inside)
    const [mine, others] = [await charactersOf(inside, own), await charactersOf(inside, theirs)]
    for (const [one, two] of [
      [mine, others],
      [others, mine],
    ]) {
      await sql`DELETE FROM friendships WHERE character = ANY(${one}::text[]) AND friend = ANY(${two}::text[])`.execute(inside)
      await sql`DELETE FROM friend_requests WHERE sender = ANY(${one}::text[]) AND receiver = ANY(${two}::text[])`.execute(inside)
      await sql`DELETE FROM party_invitations WHERE character = ANY(${one}::text[]) AND inviter = ANY(${two}::text[])`.execute(inside)
    }
    return [own, theirs]
  })
  await noteBlocked(db, accounts)
}

/** Ids first, rows by their ids afterwards: a subquery in the condition makes PostgreSQL read the whole table. */
async function charactersOf(inside: Inside, account: AccountId): Promise<CharacterId[]> {
  return (await inside.selectFrom('characters').select('id').where('account', '=', account).execute()).map(({ id }) => id)
}

export async function unblock(db: Database, character: CharacterId, other: CharacterId): Promise<void> {
  await sql`DELETE FROM blocks
    WHERE account = (SELECT account FROM characters WHERE id = ${character}) AND blocked = (SELECT account FROM characters WHERE id = ${other})`.execute(db)
}

/**
 * Locks both accounts, then both characters, each in the order of their ids, and returns their accounts, `character`'s first. Throws CHARACTER_UNKNOWN for one that is not there, for the
 * character itself, and, unless `blocks` is undefined, when there is a block between the two: nobody can tell a block from a character that is not there.
 */
async function lockPair(inside: Inside, blocks: BlocksOf | undefined, { character, other }: Two): Promise<[AccountId, AccountId]> {
  await lockAccounts(inside, [character, other], blocks === undefined ? 'alone' : 'share')
  const rows = await inside
    .selectFrom('characters')
    .select(['id', 'account'])
    .where('id', 'in', [character, other])
    .where('deleted_at', 'is', null)
    .orderBy('id')
    .forNoKeyUpdate()
    .execute()
  const accounts = new Map(rows.map(({ id, account }) => [id, account ?? id]))
  const [own, theirs] = [accounts.get(character), accounts.get(other)]
  if (own === undefined) throw new StrataError('CHARACTER_UNKNOWN', { character })
  if (theirs === undefined || character === other) throw new StrataError('CHARACTER_UNKNOWN', { character: other })
  await blocks?.refuse(inside, other)
  return [own, theirs]
}

async function areFriends(db: Database, character: CharacterId, other: CharacterId): Promise<boolean> {
  const row = await db.selectFrom('friendships').select('friend').where('character', '=', character).where('friend', '=', other).executeTakeFirst()
  return row !== undefined
}

async function insertFriendship(inside: Inside, character: CharacterId, other: CharacterId): Promise<void> {
  for (const one of [character, other]) await refuseAbove(inside, sql`SELECT count(*) AS count FROM friendships WHERE character = ${one}`)
  await sql`INSERT INTO friendships (character, friend) VALUES (${character}, ${other}), (${other}, ${character}) ON CONFLICT DO NOTHING`.execute(inside)
}

async function refuseAbove(db: Database, count: ReturnType<typeof sql>): Promise<void> {
  const { rows } = await count.execute(db)
  if (Number((rows[0] as { count: number | string }).count) >= SOCIAL_LIMIT) throw new StrataError('SOCIAL_LIMIT', { limit: SOCIAL_LIMIT })
}
