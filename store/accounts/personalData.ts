import { type Kysely, sql } from 'kysely'
import { StrataError } from '../../model/errors.ts'
import type { AccountId } from '../../model/ids.ts'
import type { Tables } from '../tables.ts'
import { deleteCharacter } from './characters.ts'
import { readAccount } from './sanctions.ts'

type Database = Kysely<Tables>

/** Rows of each kind in an export; older ones are left out, and the export says how many there are. */
const EXPORT_ROWS = 10_000

export async function exportAccount(db: Database, account: AccountId): Promise<Record<string, unknown>> {
  const record = await readAccount(db, account)
  if (record === undefined) throw new StrataError('ACCOUNT_UNKNOWN', { account })
  const characters = await db
    .selectFrom('characters')
    .select(['id', 'name', 'languages', 'guild', 'attributes', 'settings', 'state', 'state_version', 'created_at', 'saved_at', 'deleted_at'])
    .where('account', '=', account)
    .execute()
  const ids = characters.map(({ id }) => id)
  const of = async (query: ReturnType<typeof sql>): Promise<unknown[]> => (ids.length === 0 ? [] : (await query.execute(db)).rows)
  return {
    account: record,
    characters,
    friendships: await of(sql`SELECT character, friend, since FROM friendships WHERE character = ANY(${ids}::text[]) LIMIT ${EXPORT_ROWS}`),
    friendRequests: await of(sql`SELECT sender, receiver, sent_at FROM friend_requests WHERE sender = ANY(${ids}::text[]) OR receiver = ANY(${ids}::text[])`),
    blocks: (await sql`SELECT character, since FROM blocks WHERE account = ${account}`.execute(db)).rows,
    acquaintances: await of(sql`SELECT character, at, minutes FROM acquaintances WHERE character = ANY(${ids}::text[])`),
    letters: await of(sql`
      SELECT id, writer, reader, subject, body, sent_at FROM mails WHERE reader = ANY(${ids}::text[]) AND state <> 'deleted'
      UNION ALL SELECT id, writer, reader, subject, body, sent_at FROM mails WHERE writer = ANY(${ids}::text[]) AND NOT reader = ANY(${ids}::text[])
      ORDER BY sent_at DESC LIMIT ${EXPORT_ROWS}`),
    transactions: await of(sql`
      SELECT t.id, t.kind, t.at, p.account, p.amount FROM postings p JOIN transactions t ON t.id = p.transaction
      WHERE p.account = ANY(${ids.map((id) => `character:${id}`)}::text[]) ORDER BY t.seq DESC LIMIT ${EXPORT_ROWS}`),
    decisions: await of(sql`
      SELECT id, at, kind, map, copy, reason FROM decisions WHERE characters && ${ids}::text[] ORDER BY at DESC LIMIT ${EXPORT_ROWS}`),
    violations: await of(sql`
      SELECT at, character, map, copy, kind, count, action, evidence, trust FROM violations WHERE character = ANY(${ids}::text[])
      ORDER BY at DESC LIMIT ${EXPORT_ROWS}`),
    sanctions: (await sql`SELECT at, action, reason FROM audit_log WHERE subject = ${account} ORDER BY id DESC LIMIT ${EXPORT_ROWS}`.execute(db)).rows,
    atMostRowsOfEachKind: EXPORT_ROWS,
  }
}

/** The account's row stays with a ban, if it has one: erasing oneself must not lift a ban. */
export async function eraseAccount(db: Database, account: AccountId): Promise<{ characters: number }> {
  if ((await readAccount(db, account)) === undefined) throw new StrataError('ACCOUNT_UNKNOWN', { account })
  const characters = await db.selectFrom('characters').select(['id', 'name']).where('account', '=', account).where('deleted_at', 'is', null).execute()
  for (const { id, name } of characters) {
    await deleteCharacter(db, id)
    // Reasons name the people that were placed. The ids stay: what they refer to has no name any more.
    await sql`UPDATE decisions SET reason = replace(reason, ${name}, 'deleted') WHERE characters @> ARRAY[${id}]`.execute(db)
  }
  const ids = (await db.selectFrom('characters').select('id').where('account', '=', account).execute()).map(({ id }) => id)
  await sql`UPDATE mails SET subject = '', body = '' WHERE writer = ANY(${ids}::text[])`.execute(db)
  await sql`UPDATE mails SET subject = '', body = '' WHERE reader = ANY(${ids}::text[])`.execute(db)
  await sql`DELETE FROM webhook_outbox WHERE lane = ANY(${ids}::text[])`.execute(db)
  await sql`DELETE FROM acquaintances WHERE character = ANY(${ids}::text[])`.execute(db)
  await sql`DELETE FROM blocks WHERE account = ${account} OR blocked = ${account}`.execute(db)
  await db
    .updateTable('player_accounts')
    .set({ display_name: null, ban_reason: null, mute_reason: null, erased_at: sql<Date>`now()` })
    .where('id', '=', account)
    .execute()
  return { characters: characters.length }
}
