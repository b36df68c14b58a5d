import { type Kysely, sql } from 'kysely'
import { DAY_MS, type Instant } from '../../../model/clock.ts'
import { bankRights, type Holdings, type ItemId, type RequestKey } from '../../../model/economy.ts'
import { StrataError } from '../../../model/errors.ts'
import type { CharacterId } from '../../../model/ids.ts'
import type { Tables } from '../../tables.ts'
import { bagOf, bankOf, type LedgerAccount } from '../ledger/accounts.ts'
import { holdingsOf } from '../ledger/holdings.ts'
import { type EconomyParts, transact } from '../ledger/transact.ts'
import { membershipOf } from './guilds.ts'

export interface BankMove {
  money?: number
  items?: readonly ItemId[]
}
/** Kind of a withdrawal in the log. */
const WITHDRAWAL = 'bank.withdraw'

/** Any member may deposit. Throws GUILD_UNKNOWN, NOT_ENOUGH_MONEY, ITEM_NOT_HELD, BAG_FULL. */
export function deposit(parts: EconomyParts, request: RequestKey, character: CharacterId, what: BankMove): Promise<Holdings> {
  const { money = 0, items: ids = [] } = what
  return transact(parts, { ...request, kind: 'bank.deposit', body: { character, money, ids } }, async (ledger) => {
    const { guild } = await membershipOf(ledger.db, character)
    const [bag, bank] = [bagOf(character), bankOf(guild)]
    await ledger.lock(bag, bank)
    ledger.pay(bag, bank, money)
    const items = await ledger.give(ids, bag, bank)
    ledger.note = { guild }
    return { money, items }
  })
}

/** The rank limits the amount in 24 hours. Throws GUILD_UNKNOWN, GUILD_REFUSED, NOT_ENOUGH_MONEY, ITEM_NOT_HELD, BAG_FULL. */
export function withdraw(parts: EconomyParts, request: RequestKey, character: CharacterId, what: BankMove): Promise<Holdings> {
  const { money = 0, items: ids = [] } = what
  return transact(parts, { ...request, kind: WITHDRAWAL, body: { character, money, ids } }, async (ledger) => {
    const { guild } = await membershipOf(ledger.db, character)
    const [bag, bank] = [bagOf(character), bankOf(guild)]
    await ledger.lock(bag, bank)
    // Read after the locks are held: the rank may have changed, and two concurrent withdrawals must not both use the rest of the limit.
    const { guild: currentGuild, rank } = await membershipOf(ledger.db, character)
    if (currentGuild !== guild) throw new StrataError('GUILD_REFUSED', { problem: 'you have left the guild' })
    const withdrawn = await withdrawnSince(ledger.db, character, bank, ledger.now - DAY_MS)
    const limit = bankRights[rank]
    if (withdrawn.money + money > limit.coins)
      throw new StrataError('GUILD_REFUSED', { problem: `the rank ${rank} may withdraw ${limit.coins} coins in 24 hours` })
    if (withdrawn.items + ids.length > limit.items)
      throw new StrataError('GUILD_REFUSED', { problem: `the rank ${rank} may withdraw ${limit.items} items in 24 hours` })
    ledger.pay(bank, bag, money)
    const items = await ledger.give(ids, bank, bag)
    ledger.note = { guild }
    return { money, items }
  })
}

/** Throws GUILD_UNKNOWN. */
export async function bankHoldings(db: Kysely<Tables>, character: CharacterId): Promise<Holdings> {
  const bank = bankOf((await membershipOf(db, character)).guild)
  return (await holdingsOf(db, [bank])).get(bank) ?? { money: 0, items: [] }
}

async function withdrawnSince(db: Kysely<Tables>, character: CharacterId, bank: LedgerAccount, since: Instant): Promise<{ money: number; items: number }> {
  const { rows } = await sql<{ money: number; items: number }>`
    WITH mine AS (SELECT id FROM transactions WHERE actor = ${character} AND kind = ${WITHDRAWAL} AND at > ${new Date(since)})
    SELECT coalesce((SELECT -sum(p.amount) FROM postings p JOIN mine ON mine.id = p.transaction WHERE p.account = ${bank}), 0)::bigint AS money,
      (SELECT count(*) FROM item_moves m JOIN mine ON mine.id = m.transaction WHERE m.giver = ${bank}) AS items`.execute(db)
  return rows[0] ?? { money: 0, items: 0 }
}
