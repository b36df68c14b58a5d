import { sql, type Transaction } from 'kysely'
import type { CharacterId } from '../../model/ids.ts'
import type { Tables } from '../tables.ts'

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
