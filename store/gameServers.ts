import { randomBytes } from 'node:crypto'
import { type Kysely, sql } from 'kysely'
import { StrataError } from '../model/errors.ts'
import type { CharacterId, ServerId } from '../model/ids.ts'
import { oneOf } from './database/oneOf.ts'
import type { Tables } from './tables.ts'

type Database = Kysely<Tables>

/** Length of a server's secret, in bytes. */
const SECRET_BYTES = 32

/** A new secret for the process of a game server, for `createStore`. It lives as long as the process. */
export function createServerSecret(): string {
  return randomBytes(SECRET_BYTES).toString('hex')
}

export async function registerServer(db: Database, server: ServerId, publicKey: string): Promise<void> {
  const { rows } = await sql<{ done: boolean }>`SELECT register_server(${server}, ${publicKey}) AS done`.execute(db)
  if (rows[0]?.done !== true) throw new StrataError('SERVER_NAME_TAKEN', { server })
}

export async function unregisterServer(db: Database, server: ServerId): Promise<void> {
  await sql`SELECT unregister_server(${server})`.execute(db)
}

export async function permitKey(db: Database): Promise<Uint8Array> {
  const { key } = await db.selectFrom('permit_keys').select('key').orderBy('id', 'desc').limit(1).executeTakeFirstOrThrow()
  return key
}

export async function holderKeys(db: Database, characters: readonly CharacterId[]): Promise<Map<CharacterId, string | null>> {
  const rows = await db
    .selectFrom('characters as c')
    .leftJoin('game_servers as g', 'g.secret_hash', 'c.claimed_by')
    .select(({ eb }) => ['c.id', 'g.public_key as key', eb('c.claimed_by', 'is not', null).as('claimed')])
    .where(oneOf(characters))
    .execute()
  return new Map(rows.flatMap(({ id, key, claimed }) => (claimed && key === null ? [] : [[id, key]])))
}
