import { type Kysely, sql } from 'kysely'
import { DAY_MS, type Instant } from '../../../model/clock.ts'
import { defined } from '../../../model/defined.ts'
import { type GuildRank, limits } from '../../../model/economy.ts'
import { StrataError } from '../../../model/errors.ts'
import type { CharacterId, GuildId } from '../../../model/ids.ts'
import { foldName } from '../../../model/people/names.ts'
import { lockAccounts } from '../../social/blockLocks.ts'
import type { Tables } from '../../tables.ts'
import type { EconomyParts } from '../ledger/transact.ts'

/** How long an invitation is valid, in ms. */
const INVITATION_MS = 7 * DAY_MS
/** The time in which a character may found `limits.guildsFounded` guilds, in ms. A guild without members is removed later than that. */
const FOUNDING_MS = 7 * DAY_MS

export interface Membership {
  guild: GuildId
  rank: GuildRank
}
export interface GuildInvitation {
  guild: GuildId
  name: string
  /** Absent when the inviter's character is gone. */
  inviter?: { character: CharacterId; name: string }
  expiresAt: Instant
}
export interface GuildMember {
  character: CharacterId
  name: string
  rank: GuildRank
}

/** The founder leaves an earlier guild and becomes leader. Throws GUILD_REFUSED if the name is taken, or the founder has founded too many lately. */
export async function foundGuild({ db, newId, clock }: EconomyParts, founder: CharacterId, name: string): Promise<GuildId> {
  return db.transaction().execute(async (tx) => {
    const guild = newId()
    await lockCharacters(tx, [founder])
    const now = clock.now()
    const lately = await tx
      .selectFrom('guilds')
      .select('id')
      .where('founder', '=', founder)
      .where('founded_at', '>', new Date(now - FOUNDING_MS))
      .execute()
    if (lately.length >= limits.guildsFounded)
      throw new StrataError('GUILD_REFUSED', { problem: `you have founded ${limits.guildsFounded} guilds in seven days, which is the limit; try again later` })
    const made = await tx
      .insertInto('guilds')
      .values({ id: guild, name: name.trim(), name_key: foldName(name), founder, founded_at: new Date(now), checked_at: new Date(now) })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst()
    if (made.numInsertedOrUpdatedRows !== 1n) throw new StrataError('GUILD_REFUSED', { problem: 'a guild with this name exists already' })
    await changeGuild(tx, founder, guild)
    await setRankRow(tx, founder, guild, 'leader')
    return guild
  })
}

/** Officers and the leader may invite. Throws GUILD_UNKNOWN, GUILD_REFUSED, CHARACTER_UNKNOWN (also for a blocked one). */
export async function inviteToGuild({ db, clock, blocks }: EconomyParts, by: CharacterId, character: CharacterId): Promise<GuildId> {
  const own = await blocks.of(by)
  return db.transaction().execute(async (tx) => {
    await lockAccounts(tx, [by, character], 'share')
    await lockCharacters(tx, [by, character])
    const { guild, rank } = await membershipOf(tx, by)
    if (rank === 'member') throw new StrataError('GUILD_REFUSED', { problem: 'only officers and the leader may invite' })
    await own.refuse(tx, character)
    const open = await tx
      .selectFrom('guild_invitations')
      .select('character')
      .where('guild', '=', guild)
      .where('character', '<>', character)
      .where('expires_at', '>', new Date(clock.now()))
      .limit(limits.guildInvitations)
      .execute()
    if (open.length >= limits.guildInvitations)
      throw new StrataError('GUILD_REFUSED', {
        problem: `the guild has ${limits.guildInvitations} open invitations, which is the limit; wait until some are answered`,
      })
    const expires_at = new Date(clock.now() + INVITATION_MS)
    await tx
      .insertInto('guild_invitations')
      .values({ guild, character, inviter: by, expires_at })
      .onConflict((conflict) => conflict.columns(['guild', 'character']).doUpdateSet({ inviter: by, expires_at }))
      .execute()
    return guild
  })
}

/** Invitations that the character may accept, without those of somebody between whose account and its own there is a block. */
export async function guildInvitations({ db, clock, blocks }: EconomyParts, character: CharacterId): Promise<GuildInvitation[]> {
  const { rows } = await sql<{ guild: GuildId; name: string; inviter: CharacterId | null; inviter_name: string | null; expires_at: Date }>`
    SELECT i.guild, g.name, i.inviter, c.name AS inviter_name, i.expires_at
    FROM guild_invitations i JOIN guilds g ON g.id = i.guild LEFT JOIN characters c ON c.id = i.inviter
    WHERE i.character = ${character} AND i.expires_at > ${new Date(clock.now())} ORDER BY i.expires_at`.execute(db)
  const blocked = await (await blocks.of(character)).among(
    db,
    rows.flatMap(({ inviter }) => inviter ?? []),
  )
  return rows
    .filter(({ inviter }) => inviter === null || !blocked.has(inviter))
    .map(({ guild, name, inviter, inviter_name, expires_at }) => {
      const person = inviter === null ? undefined : { character: inviter, name: inviter_name ?? '' }
      return defined({ guild, name, inviter: person, expiresAt: expires_at.getTime() })
    })
}

/** Declines an invitation; no-op without one. */
export async function declineGuild(db: Kysely<Tables>, character: CharacterId, guild: GuildId): Promise<void> {
  await db.deleteFrom('guild_invitations').where('guild', '=', guild).where('character', '=', character).execute()
}

/** Needs an invitation. Leaves an earlier guild. Throws GUILD_REFUSED. */
export async function joinGuild({ db, clock, blocks }: EconomyParts, character: CharacterId, guild: GuildId): Promise<void> {
  const own = await blocks.of(character)
  await db.transaction().execute(async (tx) => {
    await lockCharacters(tx, [character])
    const invitation = await tx
      .deleteFrom('guild_invitations')
      .where('guild', '=', guild)
      .where('character', '=', character)
      .where('expires_at', '>', new Date(clock.now()))
      .returning('inviter')
      .executeTakeFirst()
    const invited = invitation !== undefined && (invitation.inviter === null || (await own.among(tx, [invitation.inviter])).size === 0)
    if (!invited) throw new StrataError('GUILD_REFUSED', { problem: 'there is no valid invitation' })
    await changeGuild(tx, character, guild)
  })
}

/** Removes `by` itself, or a member of a lower rank. Throws GUILD_UNKNOWN, GUILD_REFUSED. */
export async function leaveGuild({ db }: EconomyParts, by: CharacterId, character: CharacterId = by): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await lockCharacters(tx, [by, character])
    const own = await membershipOf(tx, by)
    const target = by === character ? own : await requireSameGuild(tx, own.guild, character)
    if (by !== character && !outranks(own.rank, target.rank)) throw new StrataError('GUILD_REFUSED', { problem: 'the member does not rank below you' })
    await changeGuild(tx, character, null)
  })
}

/** Only the leader may set ranks. A leader who makes another member leader becomes an officer. Throws GUILD_UNKNOWN, GUILD_REFUSED. */
export async function setGuildRank({ db }: EconomyParts, by: CharacterId, character: CharacterId, rank: GuildRank): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await lockCharacters(tx, [by, character])
    const own = await membershipOf(tx, by)
    if (own.rank !== 'leader') throw new StrataError('GUILD_REFUSED', { problem: 'only the leader may set ranks' })
    await requireSameGuild(tx, own.guild, character)
    if (by === character) throw new StrataError('GUILD_REFUSED', { problem: 'the leader cannot change the own rank; make another member the leader' })
    await setRankRow(tx, character, own.guild, rank)
    await setRankRow(tx, by, own.guild, rank === 'leader' ? 'officer' : 'leader')
  })
}

/**
 * The guild and rank of a character. A guild always has a leader: if none has that rank (the development login creates guilds, and leaders
 * leave), it is the member whose character is the oldest. Throws GUILD_UNKNOWN.
 */
export async function membershipOf(db: Kysely<Tables>, character: CharacterId): Promise<Membership> {
  const found = (await readMembers(db, sql`(SELECT guild FROM characters WHERE id = ${character})`, sql`c.id = ${character}`))[0]
  if (found === undefined) throw new StrataError('GUILD_UNKNOWN')
  return { guild: found.guild, rank: found.rank }
}

export async function guildMembers(db: Kysely<Tables>, guild: GuildId): Promise<GuildMember[]> {
  return (await readMembers(db, sql`${guild}::text`, sql`true`)).map(({ character, name, rank }) => ({ character, name, rank }))
}

/** Members of one guild that fit the condition on `characters c`. Each part reads an index: a guild is looked up, never all ranks. */
async function readMembers(db: Kysely<Tables>, guild: ReturnType<typeof sql>, condition: ReturnType<typeof sql>): Promise<(GuildMember & Membership)[]> {
  const { rows } = await sql<GuildMember & Membership>`
    WITH one AS MATERIALIZED (SELECT ${guild} AS guild), leader AS MATERIALIZED (
      SELECT coalesce(
        (SELECT r.character FROM guild_ranks r JOIN characters l ON l.id = r.character AND l.guild = r.guild WHERE r.guild = (SELECT guild FROM one) AND r.rank = 'leader' LIMIT 1),
        (SELECT o.id FROM characters o WHERE o.guild = (SELECT guild FROM one) ORDER BY o.entity LIMIT 1)) AS id
    )
    SELECT c.id AS character, c.name, c.guild, CASE WHEN c.id = (SELECT id FROM leader) THEN 'leader' ELSE coalesce(r.rank, 'member') END AS rank
    FROM characters c LEFT JOIN guild_ranks r ON r.character = c.id AND r.guild = c.guild
    WHERE c.guild = (SELECT guild FROM one) AND ${condition} ORDER BY c.entity`.execute(db)
  return rows
}

const ranks: readonly GuildRank[] = ['member', 'officer', 'leader']
const outranks = (one: GuildRank, other: GuildRank): boolean => ranks.indexOf(one) > ranks.indexOf(other)

async function requireSameGuild(db: Kysely<Tables>, guild: GuildId, character: CharacterId): Promise<Membership> {
  const target = await membershipOf(db, character)
  if (target.guild !== guild) throw new StrataError('GUILD_REFUSED', { problem: 'the character is not in your guild' })
  return target
}

/** Locks in the order of ids, like every transaction, so that none deadlocks. Throws CHARACTER_UNKNOWN. */
async function lockCharacters(db: Kysely<Tables>, characters: readonly CharacterId[]): Promise<void> {
  const wanted = [...new Set(characters)]
  const rows = await db.selectFrom('characters').select('id').where('id', 'in', wanted).orderBy('id').forNoKeyUpdate().execute()
  const known = new Set(rows.map(({ id }) => id))
  for (const character of wanted) if (!known.has(character)) throw new StrataError('CHARACTER_UNKNOWN', { character })
}

async function changeGuild(db: Kysely<Tables>, character: CharacterId, guild: GuildId | null): Promise<void> {
  await db.updateTable('characters').set({ guild }).where('id', '=', character).execute()
  await db.deleteFrom('guild_ranks').where('character', '=', character).execute()
}

async function setRankRow(db: Kysely<Tables>, character: CharacterId, guild: GuildId, rank: GuildRank): Promise<void> {
  await db.deleteFrom('guild_ranks').where('character', '=', character).execute()
  if (rank !== 'member') await db.insertInto('guild_ranks').values({ character, guild, rank }).execute()
}
