import type { Kysely } from 'kysely'
import type { Holdings } from '../../../model/economy.ts'
import type { Tables } from '../../tables.ts'
import type { LedgerAccount } from './accounts.ts'

/** The holdings of each account; an account that does not exist has empty holdings. */
export async function holdingsOf(db: Kysely<Tables>, accounts: readonly LedgerAccount[]): Promise<Map<LedgerAccount, Holdings>> {
  const held = new Map<LedgerAccount, Holdings>(accounts.map((account) => [account, { money: 0, items: [] }]))
  if (accounts.length === 0) return held
  const balances = await db
    .selectFrom('accounts')
    .select(['id', 'balance'])
    .where('id', 'in', [...accounts])
    .execute()
  for (const { id, balance } of balances) Object.assign(held.get(id) ?? {}, { money: balance })
  const items = await db
    .selectFrom('items')
    .select(['id', 'kind', 'holder'])
    .where('holder', 'in', [...accounts])
    .orderBy('id')
    .execute()
  for (const { id, kind, holder } of items) held.get(holder)?.items.push({ id, kind })
  return held
}
