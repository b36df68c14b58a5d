import { type Kysely, sql, type Transaction } from 'kysely'
import { StrataError } from '../../model/errors.ts'
import type { CharacterId } from '../../model/ids.ts'
import type { Tables } from '../tables.ts'

/** Of `others`, those between whose account and this character's there is a block, in either direction. */
export async function blockedAmong(db: Kysely<Tables>, character: CharacterId, others: readonly CharacterId[]): Promise<Set<CharacterId>> {
  if (others.length === 0) return new Set()
  const { rows } = await sql<{ id: CharacterId }>`
    WITH me AS (SELECT account FROM characters WHERE id = ${character})
    SELECT c.id FROM characters c, me WHERE c.id = ANY(${[...others]}::text[]) AND (
      EXISTS (SELECT FROM blocks b WHERE b.account = me.account AND b.blocked = c.account)
      OR EXISTS (SELECT FROM blocks b WHERE b.account = c.account AND b.blocked = me.account))`.execute(db)
  return new Set(rows.map(({ id }) => id))
}

/** Throws CHARACTER_UNKNOWN when one of the two accounts has blocked the other, so that a block looks like a character that does not exist. */
export async function refuseBlocked(db: Kysely<Tables>, character: CharacterId, other: CharacterId): Promise<void> {
  if ((await blockedAmong(db, character, [other])).size > 0) throw new StrataError('CHARACTER_UNKNOWN', { character: other })
}

/**
 * Locks the accounts of these characters, in the order of their ids and before any character. A transaction that makes a friendship or an invitation takes
 * the lock
 * `share`, and a block takes `alone`: a block that runs at the same moment, also between two other characters of the same accounts, comes before or after it.
 */
export async function lockAccounts(inside: Transaction<Tables>, characters: readonly CharacterId[], mode: 'share' | 'alone'): Promise<void> {
  const strength = mode === 'share' ? sql`FOR SHARE` : sql`FOR NO KEY UPDATE`
  await sql`SELECT id FROM player_accounts WHERE id IN (SELECT account FROM characters WHERE id = ANY(${[...characters]}::text[])) ORDER BY id ${strength}`.execute(
    inside,
  )
}
