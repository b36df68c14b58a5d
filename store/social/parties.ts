import { type Kysely, sql, type Transaction } from 'kysely'
import type { Instant } from '../../model/clock.ts'
import { StrataError } from '../../model/errors.ts'
import type { CharacterId, PartyId } from '../../model/ids.ts'
import type { Tables } from '../tables.ts'
import { lockAccounts } from './blockLocks.ts'
import type { Blocks } from './blocks.ts'
import type { Party, PartyInvitation, Person } from './social.ts'

type Database = Kysely<Tables>
type Inside = Transaction<Tables>

export async function partyOf(db: Database, character: CharacterId, now: Instant): Promise<Party | undefined> {
  const { rows } = await sql<{ party: PartyId; leader: CharacterId | null; members: Person[]; invited: (Person & { expiresAt: number })[] }>`
    SELECT p.id AS party, p.leader,
      (SELECT coalesce(json_agg(json_build_object('character', c.id, 'name', c.name) ORDER BY o.joined), '[]')
        FROM party_members o JOIN characters c ON c.id = o.character WHERE o.party = p.id) AS members,
      (SELECT coalesce(json_agg(json_build_object('character', c.id, 'name', c.name, 'expiresAt', floor(extract(epoch FROM i.expires_at) * 1000)) ORDER BY c.name_key), '[]')
        FROM party_invitations i JOIN characters c ON c.id = i.character WHERE i.party = p.id AND i.expires_at > ${new Date(now)}) AS invited
    FROM party_members m JOIN parties p ON p.id = m.party WHERE m.character = ${character}`.execute(db)
  const found = rows[0]
  if (found === undefined) return undefined
  return { ...found, leader: leaderOf(found.leader, found.members) }
}

export async function createParty(db: Database, party: PartyId, leader: CharacterId): Promise<void> {
  await db.transaction().execute(async (inside) => {
    await lock(inside, [leader], [])
    await leave(inside, leader)
    await inside.insertInto('parties').values({ id: party, leader }).execute()
    await inside.insertInto('party_members').values({ party, character: leader }).execute()
  })
}

export async function invite(
  db: Database,
  blocks: Blocks,
  { leader, character }: { leader: CharacterId; character: CharacterId },
  { size, expiresAt, now }: { size: number; expiresAt: Instant; now: Instant },
): Promise<PartyId> {
  const own = await blocks.of(leader)
  return db.transaction().execute(async (inside) => {
    await lockAccounts(inside, [leader, character], 'share')
    await lock(inside, [leader, character], [])
    const { party, members } = await ledBy(inside, leader)
    if (leader === character) throw new StrataError('CHARACTER_UNKNOWN', { character })
    if (members.includes(character)) return party
    await own.refuse(inside, character)
    const open = await inside
      .selectFrom('party_invitations')
      .select('character')
      .where('party', '=', party)
      .where('character', '<>', character)
      .where('expires_at', '>', new Date(now))
      .execute()
    if (members.length + open.length >= size) throw new StrataError('PARTY_FULL', { limit: size })
    const expires_at = new Date(expiresAt)
    await inside
      .insertInto('party_invitations')
      .values({ party, character, inviter: leader, expires_at })
      .onConflict((conflict) => conflict.columns(['party', 'character']).doUpdateSet({ inviter: leader, expires_at }))
      .execute()
    return party
  })
}

/** Without those of somebody between whose account and this character's there is a block: a block elsewhere deletes no invitation. */
export async function invitations(db: Database, blocks: Blocks, character: CharacterId, now: Instant): Promise<PartyInvitation[]> {
  const { rows } = await sql<{ party: PartyId; inviter: CharacterId; name: string; expires_at: Date }>`
    SELECT i.party, i.inviter, c.name, i.expires_at FROM party_invitations i JOIN characters c ON c.id = i.inviter
    WHERE i.character = ${character} AND i.expires_at > ${new Date(now)} ORDER BY i.expires_at`.execute(db)
  const blocked = await (await blocks.of(character)).among(
    db,
    rows.map(({ inviter }) => inviter),
  )
  return rows
    .filter(({ inviter }) => !blocked.has(inviter))
    .map(({ party, inviter, name, expires_at }) => ({ party, inviter: { character: inviter, name }, expiresAt: expires_at.getTime() }))
}

export async function acceptInvitation(
  db: Database,
  blocks: Blocks,
  { character, party }: { character: CharacterId; party: PartyId },
  { size, now }: { size: number; now: Instant },
): Promise<void> {
  const own = await blocks.of(character)
  await db.transaction().execute(async (inside) => {
    const locked = await lock(inside, [character], [party])
    const invitation = await inside
      .deleteFrom('party_invitations')
      .where('party', '=', party)
      .where('character', '=', character)
      .where('expires_at', '>', new Date(now))
      .returning('inviter')
      .executeTakeFirst()
    if (invitation === undefined || !locked.includes(party) || (await own.among(inside, [invitation.inviter])).size > 0)
      throw new StrataError('INVITATION_UNKNOWN')
    const members = await membersOf(inside, party)
    if (members.includes(character)) return
    if (members.length >= size) throw new StrataError('PARTY_FULL', { limit: size })
    await leave(inside, character)
    await inside.insertInto('party_members').values({ party, character }).execute()
  })
}

export async function declineInvitation(db: Database, character: CharacterId, party: PartyId): Promise<void> {
  await db.deleteFrom('party_invitations').where('party', '=', party).where('character', '=', character).execute()
}

export async function leaveParty(db: Database, character: CharacterId): Promise<void> {
  await db.transaction().execute(async (inside) => {
    await lock(inside, [character], [])
    await leave(inside, character)
  })
}

export async function removeMember(db: Database, leader: CharacterId, member: CharacterId): Promise<void> {
  await db.transaction().execute(async (inside) => {
    await lock(inside, [leader, member], [])
    const { members } = await ledBy(inside, leader)
    if (member !== leader && members.includes(member)) await leave(inside, member)
  })
}

export async function handOver(db: Database, leader: CharacterId, member: CharacterId): Promise<void> {
  await db.transaction().execute(async (inside) => {
    await lock(inside, [leader, member], [])
    const { party, members } = await ledBy(inside, leader)
    if (!members.includes(member)) throw new StrataError('PARTY_UNKNOWN')
    await inside.updateTable('parties').set({ leader: member }).where('id', '=', party).execute()
  })
}

/** The party that this character leads, with its members in order of joining. Throws PARTY_UNKNOWN, NOT_LEADER. */
async function ledBy(inside: Inside, leader: CharacterId): Promise<{ party: PartyId; members: CharacterId[] }> {
  const own = await inside
    .selectFrom('party_members')
    .innerJoin('parties', 'parties.id', 'party_members.party')
    .select(['parties.id as party', 'parties.leader'])
    .where('party_members.character', '=', leader)
    .executeTakeFirst()
  if (own === undefined) throw new StrataError('PARTY_UNKNOWN')
  const members = await membersOf(inside, own.party)
  if (
    leaderOf(
      own.leader,
      members.map((character) => ({ character })),
    ) !== leader
  )
    throw new StrataError('NOT_LEADER')
  return { party: own.party, members }
}

async function membersOf(inside: Inside, party: PartyId): Promise<CharacterId[]> {
  const rows = await inside.selectFrom('party_members').select('character').where('party', '=', party).orderBy('joined').execute()
  return rows.map(({ character }) => character)
}

/** The named leader while they are a member; otherwise the member who joined first. */
function leaderOf(named: CharacterId | null, members: readonly { character: CharacterId }[]): CharacterId {
  const leader = members.find(({ character }) => character === named) ?? members[0]
  return leader?.character ?? ''
}

/**
 * Locks the characters, then the parties that they are in and those given, each in the order of their ids: two people who change places do not wait for each
 * other. Returns the parties that exist. Throws CHARACTER_UNKNOWN.
 */
async function lock(inside: Inside, characters: readonly CharacterId[], parties: readonly PartyId[]): Promise<PartyId[]> {
  const known = await inside
    .selectFrom('characters')
    .select('id')
    .where('id', 'in', [...characters])
    .where('deleted_at', 'is', null)
    .orderBy('id')
    .forNoKeyUpdate()
    .execute()
  const missing = characters.find((character) => !known.some(({ id }) => id === character))
  if (missing !== undefined) throw new StrataError('CHARACTER_UNKNOWN', { character: missing })
  const memberships = await inside
    .selectFrom('party_members')
    .select('party')
    .where('character', 'in', [...characters])
    .execute()
  const wanted = [...parties, ...memberships.map(({ party }) => party)]
  const { rows } = await sql<{ id: PartyId }>`SELECT id FROM parties WHERE id = ANY(${wanted}::text[]) ORDER BY id FOR UPDATE`.execute(inside)
  return rows.map(({ id }) => id)
}

async function leave(inside: Inside, character: CharacterId): Promise<void> {
  const left = await inside.deleteFrom('party_members').where('character', '=', character).returning('party').executeTakeFirst()
  if (left === undefined) return
  await inside
    .updateTable('parties')
    .set({ leader: sql`(SELECT m.character FROM party_members m WHERE m.party = parties.id ORDER BY m.joined LIMIT 1)` })
    .where('id', '=', left.party)
    .where('leader', '=', character)
    .execute()
  await inside
    .deleteFrom('parties')
    .where('id', '=', left.party)
    .where(({ not, exists, selectFrom }) => not(exists(selectFrom('party_members').select('character').where('party', '=', left.party))))
    .execute()
}
