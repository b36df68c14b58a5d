import { type Kysely, sql, type Transaction } from 'kysely'
import { StrataError } from '../../model/errors.ts'
import type { CharacterId, PartyId } from '../../model/ids.ts'
import type { Tables } from '../tables.ts'

/** Most members of a party: the usual group size. A party is placed and moved as one, so it must fit into the seats above the soft cap. */
const PARTY_LIMIT = 5

type PartyTransaction = Transaction<Tables>

export async function createParty(db: Kysely<Tables>, party: PartyId, leader: CharacterId): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await lock(tx, leader, [])
    await leave(tx, leader)
    await tx.insertInto('parties').values({ id: party }).execute()
    await tx.insertInto('party_members').values({ party, character: leader }).execute()
  })
}

export async function joinParty(db: Kysely<Tables>, party: PartyId, character: CharacterId): Promise<void> {
  await db.transaction().execute(async (tx) => {
    const parties = await lock(tx, character, [party])
    if (!parties.includes(party)) throw new StrataError('PARTY_UNKNOWN')
    const members = await tx.selectFrom('party_members').select('character').where('party', '=', party).execute()
    if (members.some((member) => member.character === character)) return
    if (members.length >= PARTY_LIMIT) throw new StrataError('PARTY_FULL', { limit: PARTY_LIMIT })
    await leave(tx, character)
    await tx.insertInto('party_members').values({ party, character }).execute()
  })
}

export async function leaveParty(db: Kysely<Tables>, character: CharacterId): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await lock(tx, character, [])
    await leave(tx, character)
  })
}

/**
 * Locks the character, then its party and the given ones in the order of their ids, so that two characters that swap parties do not deadlock.
 * Returns the parties that exist.
 */
async function lock(tx: PartyTransaction, character: CharacterId, parties: PartyId[]): Promise<PartyId[]> {
  const known = await tx.selectFrom('characters').select('id').where('id', '=', character).forNoKeyUpdate().executeTakeFirst()
  if (known === undefined) throw new StrataError('CHARACTER_UNKNOWN', { character })
  const rows = await sql<{ id: PartyId }>`
    SELECT id FROM parties WHERE id = ANY(${parties}::text[]) OR id = (SELECT party FROM party_members WHERE character = ${character})
    ORDER BY id FOR UPDATE`.execute(tx)
  return rows.rows.map((row) => row.id)
}

async function leave(tx: PartyTransaction, character: CharacterId): Promise<void> {
  const left = await tx.deleteFrom('party_members').where('character', '=', character).returning('party').executeTakeFirst()
  if (left === undefined) return
  await tx
    .deleteFrom('parties')
    .where('id', '=', left.party)
    .where(({ not, exists, selectFrom }) => not(exists(selectFrom('party_members').select('character').where('party', '=', left.party))))
    .execute()
}
