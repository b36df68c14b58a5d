import type { Kysely } from 'kysely'
import type { RequestKey, Transaction, TransactionHistory, TransactionId } from '../../../model/economy.ts'
import { type ErrorCode, StrataError } from '../../../model/errors.ts'
import type { Tables } from '../../tables.ts'
import { type AccountId, bagOf, split, WORLD } from './accounts.ts'
import { historyOf } from './history.ts'
import type { Ledger } from './ledger.ts'
import { type EconomyParts, transact } from './transact.ts'

/**
 * Undoes one transaction by another that moves everything back; nothing is erased. What came out of an auction or a trade
 * goes to who had put it there, because those are over; a letter gets its attachments again.
 *
 * Refused (ROLLBACK_BLOCKED, with what followed) when something of it has moved on, was spent, lies in an auction or trade
 * that is still open (cancel that instead), or when it was undone before. Whoever wants it undone nevertheless undoes what
 * followed first.
 */
export function rollback(
  parts: EconomyParts,
  request: RequestKey,
  id: TransactionId,
  reason: string,
): Promise<{ transaction: TransactionId; undone: TransactionHistory }> {
  return transact(parts, { ...request, kind: 'rollback', body: { id, reason } }, async (ledger) => {
    const { transaction } = await historyOf(ledger.db, id)
    const owners = await ownersOf(ledger.db, transaction)
    await ledger.lock(...accountsOf(transaction), ...owners.items.values(), ...owners.money.values())
    // Again, now that nobody else can touch the same accounts.
    const history = await historyOf(ledger.db, id)
    if (history.compensatedBy !== undefined) throw blocked(`${history.compensatedBy} undid it already`, history)
    try {
      await moveBack(ledger, transaction, owners)
    } catch (error) {
      if (error instanceof StrataError && movedOn.has(error.code)) throw blocked(error.message, history)
      throw error
    }
    ledger.compensates = id
    ledger.note = { undoes: id, reason }
    return { transaction: ledger.id, undone: history }
  })
}

/** Whom the contents of an escrow belong to that is over. */
interface Owners {
  items: Map<AccountId, AccountId>
  money: Map<AccountId, AccountId>
}

async function moveBack(ledger: Ledger, { items, money }: Transaction, owners: Owners): Promise<void> {
  for (const { item, kind, from, to } of items) {
    const back = owners.items.get(from) ?? from
    if (to === WORLD) ledger.remake({ id: item, kind }, back)
    else await ledger.give([item], to, back, true)
  }
  // Through the world, which cancels out: a transaction may have more than one payer.
  for (const { account, amount } of money) if (amount > 0) ledger.pay(account, WORLD, amount)
  for (const { account, amount } of money) if (amount < 0) ledger.pay(WORLD, owners.money.get(account) ?? account, -amount)
  const givers = [...items.map(({ from }) => from), ...money.filter(({ amount }) => amount < 0).map(({ account }) => account)]
  const letters = [...new Set(givers)].map(split).filter(([kind]) => kind === 'mail')
  for (const [, mail] of letters) await ledger.db.updateTable('mails').set({ state: 'full' }).where('id', '=', mail).execute()
}

function accountsOf({ items, money }: Transaction): AccountId[] {
  return [...items.flatMap(({ from, to }) => [from, to]), ...money.map(({ account }) => account)]
}

/** The rows of letters, auctions and trades are locked in one order; ROLLBACK_BLOCKED while one of the latter is open. */
async function ownersOf(db: Kysely<Tables>, transaction: Transaction): Promise<Owners> {
  const owners: Owners = { items: new Map(), money: new Map() }
  for (const account of [...new Set(accountsOf(transaction))].sort()) {
    const [kind, id] = split(account)
    if (kind === 'mail') await db.selectFrom('mails').select('id').where('id', '=', id).forUpdate().executeTakeFirstOrThrow()
    if (kind === 'auction') {
      const { state, seller, bidder } = await db.selectFrom('auctions').selectAll().where('id', '=', id).forUpdate().executeTakeFirstOrThrow()
      if (state === 'open') throw stillOpen('auction', id)
      owners.items.set(account, bagOf(seller))
      if (bidder !== null) owners.money.set(account, bagOf(bidder))
    }
    if (kind === 'trade') {
      const [trade, side] = [id.slice(0, -2), id.slice(-1)]
      const { state, a, b } = await db.selectFrom('trades').selectAll().where('id', '=', trade).forUpdate().executeTakeFirstOrThrow()
      if (state === 'open') throw stillOpen('trade', trade)
      for (const kept of [owners.items, owners.money]) kept.set(account, bagOf(side === '0' ? a : b))
    }
  }
  return owners
}

function stillOpen(kind: string, id: string): StrataError {
  return new StrataError('ROLLBACK_BLOCKED', { problem: `the ${kind} ${id} is still open; cancel it instead`, followed: 'nothing yet' })
}

const movedOn = new Set<ErrorCode>(['NOT_ENOUGH_MONEY', 'ITEM_NOT_HELD'])

function blocked(problem: string, { followed }: TransactionHistory): StrataError {
  const names = followed.map(({ id, kind }) => `${kind} ${id}`)
  return new StrataError('ROLLBACK_BLOCKED', { problem, followed: names.length === 0 ? 'nothing' : names.join(', ') })
}
