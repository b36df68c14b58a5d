import { type Kysely, sql } from 'kysely'
import type { Transaction, TransactionHistory, TransactionId } from '../../../model/economy.ts'
import { StrataError } from '../../../model/errors.ts'
import type { Tables } from '../../tables.ts'
import { WORLD } from './accounts.ts'

/** More would not be read by a person. */
const FOLLOWED = 50

/** A transaction, what undid it, and what happened later to the same items and with the same purses. Throws TRANSACTION_UNKNOWN. */
export async function historyOf(db: Kysely<Tables>, id: TransactionId): Promise<TransactionHistory> {
  const [transaction] = await readTransactions(db, [id])
  if (transaction === undefined) throw new StrataError('TRANSACTION_UNKNOWN', { transaction: id })
  const undone = await db.selectFrom('transactions').select('id').where('compensates', '=', id).executeTakeFirst()
  const { rows } = await sql<{ id: TransactionId }>`
    SELECT later.id FROM transactions me JOIN transactions later ON later.seq > me.seq
    WHERE me.id = ${id} AND later.id IN (
      SELECT n.transaction FROM item_moves m JOIN item_moves n ON n.item = m.item WHERE m.transaction = ${id}
      UNION SELECT q.transaction FROM postings p JOIN postings q ON q.account = p.account WHERE p.transaction = ${id} AND p.account <> ${WORLD}
    ) ORDER BY later.seq LIMIT ${FOLLOWED}`.execute(db)
  const followed = await readTransactions(
    db,
    rows.map((row) => row.id),
  )
  return { transaction, ...(undone === undefined ? {} : { compensatedBy: undone.id }), followed }
}

/** In the order in which they happened. */
export async function readTransactions(db: Kysely<Tables>, ids: readonly TransactionId[]): Promise<Transaction[]> {
  if (ids.length === 0) return []
  const heads = await db
    .selectFrom('transactions')
    .selectAll()
    .where('id', 'in', [...ids])
    .orderBy('seq')
    .execute()
  const money = await db
    .selectFrom('postings')
    .selectAll()
    .where('transaction', 'in', [...ids])
    .orderBy('account')
    .execute()
  const moves = await db
    .selectFrom('item_moves')
    .selectAll()
    .where('transaction', 'in', [...ids])
    .orderBy('item')
    .execute()
  return heads.map(({ id, at, actor, kind, note, compensates }) => ({
    id,
    at: at.getTime(),
    actor,
    kind,
    note,
    ...(compensates === null ? {} : { compensates }),
    money: money.filter(({ transaction }) => transaction === id).map(({ account, amount }) => ({ account, amount })),
    items: moves.filter(({ transaction }) => transaction === id).map(({ item, kind: what, giver, taker }) => ({ item, kind: what, from: giver, to: taker })),
  }))
}
