import { type Kysely, sql } from 'kysely'
import { DAY_MS } from '../../../model/clock.ts'
import type { RequestKey, Transaction, TransactionHistory, TransactionId } from '../../../model/economy.ts'
import { type ErrorCode, StrataError } from '../../../model/errors.ts'
import type { Tables } from '../../tables.ts'
import { bagOf, type LedgerAccount, split, WORLD } from './accounts.ts'
import { historyOf } from './history.ts'
import type { Ledger } from './ledger.ts'
import { type EconomyParts, transact } from './transact.ts'

/**
 * How long the rows of deleted letters, ended auctions and ended trades are kept, in ms. Later, a transaction that moved something in or out of their escrow
 * cannot be undone, because nobody knows any more whose it was.
 */
export const UNDOABLE_MS = 30 * DAY_MS

/**
 * Undoes one transaction with a second one that moves everything back. The log keeps both. Items and money from a closed auction or trade go back to the
 * character who put them there; mail gets its attachments back.
 *
 * Throws ROLLBACK_BLOCKED, with the later transactions, if an item has moved on, the money was spent, the auction or trade is still open (it must be
 * cancelled instead), the letter, auction or trade has been removed since (`UNDOABLE_MS`), or the transaction was undone before. The later transactions must be undone first.
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
    // Read again: the accounts are locked now, so the history cannot change.
    const history = await historyOf(ledger.db, id)
    if (history.compensatedBy !== undefined) throw blocked(`${history.compensatedBy} has undone it already`, history)
    try {
      await moveBack(ledger, transaction, owners)
    } catch (error) {
      if (error instanceof StrataError && blockingCodes.has(error.code)) throw blocked(error.message, history)
      throw error
    }
    ledger.compensates = id
    ledger.note = { undoes: id, reason }
    return { transaction: ledger.id, undone: history }
  })
}

/** The account that gets the contents of a closed escrow back, by escrow account. */
interface Owners {
  items: Map<LedgerAccount, LedgerAccount>
  money: Map<LedgerAccount, LedgerAccount>
}

async function moveBack(ledger: Ledger, { items, money }: Transaction, owners: Owners): Promise<void> {
  for (const { item, kind, from, to } of items) {
    const back = owners.items.get(from) ?? from
    if (to === WORLD) ledger.recreate({ id: item, kind }, back)
    else await ledger.give([item], to, back, true)
  }
  // Pays through the world account, because a transaction may have more than one payer. The sums cancel out.
  for (const { account, amount } of money) if (amount > 0) ledger.pay(account, WORLD, amount)
  for (const { account, amount } of money) if (amount < 0) ledger.pay(WORLD, owners.money.get(account) ?? account, -amount)
  const givers = [...items.map(({ from }) => from), ...money.filter(({ amount }) => amount < 0).map(({ account }) => account)]
  const letters = [...new Set(givers)].map(split).filter(([kind]) => kind === 'mail')
  // Letters of the auction house and returned ones have no date while they hold something: they go back to nobody.
  const expires_at = sql<Date | null>`CASE WHEN house OR returned THEN NULL ELSE expires_at END`
  for (const [, mail] of letters) await ledger.db.updateTable('mails').set({ state: 'full', expires_at }).where('id', '=', mail).execute()
}

function accountsOf({ items, money }: Transaction): LedgerAccount[] {
  return [...items.flatMap(({ from, to }) => [from, to]), ...money.map(({ account }) => account)]
}

/** Locks the rows of mail, auctions, trades and guilds in the order of their accounts. Throws ROLLBACK_BLOCKED while an auction or trade is open, or when a row is gone. */
async function ownersOf(db: Kysely<Tables>, transaction: Transaction): Promise<Owners> {
  const owners: Owners = { items: new Map(), money: new Map() }
  for (const account of [...new Set(accountsOf(transaction))].sort()) {
    const [kind, id] = split(account)
    const stored = <Row>(row: Row | undefined): Row => {
      if (row === undefined) throw new StrataError('ROLLBACK_BLOCKED', { problem: `the ${kind} has been removed since`, followed: 'nothing yet' })
      return row
    }
    if (kind === 'mail') stored(await db.selectFrom('mails').select('id').where('id', '=', id).forUpdate().executeTakeFirst())
    if (kind === 'guild') stored(await db.selectFrom('guilds').select('id').where('id', '=', id).forKeyShare().executeTakeFirst())
    if (kind === 'auction') {
      const { state, seller, bidder } = stored(await db.selectFrom('auctions').selectAll().where('id', '=', id).forUpdate().executeTakeFirst())
      if (state === 'open') throw stillOpen('auction', id)
      owners.items.set(account, bagOf(seller))
      if (bidder !== null) owners.money.set(account, bagOf(bidder))
    }
    if (kind === 'trade') {
      const [trade, side] = [id.slice(0, -2), id.slice(-1)]
      const { state, a, b } = stored(await db.selectFrom('trades').selectAll().where('id', '=', trade).forUpdate().executeTakeFirst())
      if (state === 'open') throw stillOpen('trade', trade)
      for (const kept of [owners.items, owners.money]) kept.set(account, bagOf(side === '0' ? a : b))
    }
  }
  return owners
}

function stillOpen(kind: string, id: string): StrataError {
  return new StrataError('ROLLBACK_BLOCKED', { problem: `the ${kind} ${id} is still open; cancel it instead`, followed: 'nothing yet' })
}

/** Errors of `moveBack` that mean: the money was spent, or the item has moved on. */
const blockingCodes = new Set<ErrorCode>(['NOT_ENOUGH_MONEY', 'ITEM_NOT_HELD'])

function blocked(problem: string, { followed }: TransactionHistory): StrataError {
  const names = followed.map(({ id, kind }) => `${kind} ${id}`)
  return new StrataError('ROLLBACK_BLOCKED', { problem, followed: names.length === 0 ? 'nothing' : names.join(', ') })
}
