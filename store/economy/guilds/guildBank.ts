import { type Kysely, sql } from 'kysely'
import { DAY_MS, type Instant } from '../../../model/clock.ts'
import { bankRights, type Holdings, type ItemId, type RequestKey } from '../../../model/economy.ts'
import { StrataError } from '../../../model/errors.ts'
import type { CharacterId } from '../../../model/ids.ts'
import type { Tables } from '../../tables.ts'
import { type AccountId, bagOf, bankOf } from '../ledger/accounts.ts'
import { holdingsOf } from '../ledger/holdings.ts'
import { type EconomyParts, transact } from '../ledger/transact.ts'
import { membershipOf } from './guilds.ts'

export interface BankMove {
  money?: number
  items?: readonly ItemId[]
}
const OUT = 'bank.withdraw'

/** By any member. Throws GUILD_UNKNOWN, NOT_ENOUGH_MONEY, ITEM_NOT_HELD, BAG_FULL. */
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

/** As much as the rank may in 24 hours. Throws GUILD_UNKNOWN, GUILD_REFUSED, NOT_ENOUGH_MONEY, ITEM_NOT_HELD, BAG_FULL. */
export function withdraw(parts: EconomyParts, request: RequestKey, character: CharacterId, what: BankMove): Promise<Holdings> {
  const { money = 0, items: ids = [] } = what
  return transact(parts, { ...request, kind: OUT, body: { character, money, ids } }, async (ledger) => {
    const { guild } = await membershipOf(ledger.db, character)
    const [bag, bank] = [bagOf(character), bankOf(guild)]
    await ledger.lock(bag, bank)
    // Behind the locks: the rank may have changed, and two withdrawals at once must not both be the last of the day.
    const { guild: still, rank } = await membershipOf(ledger.db, character)
    if (still !== guild) throw new StrataError('GUILD_REFUSED', { problem: 'you have left the guild' })
    const taken = await takenSince(ledger.db, character, bank, ledger.now - DAY_MS)
    const may = bankRights[rank]
    if (taken.money + money > may.coins) throw new StrataError('GUILD_REFUSED', { problem: `as ${rank} you may take ${may.coins} coins in 24 hours` })
    if (taken.items + ids.length > may.items) throw new StrataError('GUILD_REFUSED', { problem: `as ${rank} you may take ${may.items} items in 24 hours` })
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

async function takenSince(db: Kysely<Tables>, character: CharacterId, bank: AccountId, since: Instant): Promise<{ money: number; items: number }> {
  const { rows } = await sql<{ money: number; items: number }>`
    WITH mine AS (SELECT id FROM transactions WHERE actor = ${character} AND kind = ${OUT} AND at > ${new Date(since)})
    SELECT coalesce((SELECT -sum(p.amount) FROM postings p JOIN mine ON mine.id = p.transaction WHERE p.account = ${bank}), 0)::bigint AS money,
      (SELECT count(*) FROM item_moves m JOIN mine ON mine.id = m.transaction WHERE m.giver = ${bank}) AS items`.execute(db)
  return rows[0] ?? { money: 0, items: 0 }
}
