import { type Kysely, sql, type Transaction } from 'kysely'
import { StrataError } from '../../model/errors.ts'
import type { CharacterId, PartyId } from '../../model/ids.ts'
import type { Tables } from '../tables.ts'

/** As large as a group of most games; what is moved and placed as one must also fit the seats above soft. */
const PARTY_LIMIT = 5

type Inside = Transaction<Tables>

export async function createParty(db: Kysely<Tables>, party: PartyId, leader: CharacterId): Promise<void> {
  await db.transaction().execute(async (inside) => {
    await lock(inside, leader, [])
    await leave(inside, leader)
    await inside.insertInto('parties').values({ id: party }).execute()
    await inside.insertInto('party_members').values({ party, character: leader }).execute()
  })
}

export async function joinParty(db: Kysely<Tables>, party: PartyId, character: CharacterId): Promise<void> {
  await db.transaction().execute(async (inside) => {
    const parties = await lock(inside, character, [party])
    if (!parties.includes(party)) throw new StrataError('PARTY_UNKNOWN')
    const members = await inside.selectFrom('party_members').select('character').where('party', '=', party).execute()
    if (members.some((member) => member.character === character)) return
    if (members.length >= PARTY_LIMIT) throw new StrataError('PARTY_FULL', { limit: PARTY_LIMIT })
    await leave(inside, character)
    await inside.insertInto('party_members').values({ party, character }).execute()
  })
}

export async function leaveParty(db: Kysely<Tables>, character: CharacterId): Promise<void> {
  await db.transaction().execute(async (inside) => {
    await lock(inside, character, [])
    await leave(inside, character)
  })
}

/**
 * Locks the character, then the party it is in and those given, in the order of their ids: two people who change places
 * do not wait for each other. Returns the parties that exist.
 */
async function lock(inside: Inside, character: CharacterId, parties: PartyId[]): Promise<PartyId[]> {
  const known = await inside.selectFrom('characters').select('id').where('id', '=', character).forNoKeyUpdate().executeTakeFirst()
  if (known === undefined) throw new StrataError('CHARACTER_UNKNOWN', { character })
  const rows = await sql<{ id: PartyId }>`
    SELECT id FROM parties WHERE id = ANY(${parties}::text[]) OR id = (SELECT party FROM party_members WHERE character = ${character})
    ORDER BY id FOR UPDATE`.execute(inside)
  return rows.rows.map((row) => row.id)
}

async function leave(inside: Inside, character: CharacterId): Promise<void> {
  const left = await inside.deleteFrom('party_members').where('character', '=', character).returning('party').executeTakeFirst()
  if (left === undefined) return
  await inside
    .deleteFrom('parties')
    .where('id', '=', left.party)
    .where(({ not, exists, selectFrom }) => not(exists(selectFrom('party_members').select('character').where('party', '=', left.party))))
    .execute()
}
