import { type Kysely, sql } from 'kysely'
import { defined } from '../../../model/defined.ts'
import type { Transaction, TransactionHistory, TransactionId } from '../../../model/economy.ts'
import { StrataError } from '../../../model/errors.ts'
import type { Tables } from '../../tables.ts'
import { WORLD } from './accounts.ts'

/** Most later transactions in a history. More would not be read. */
const FOLLOWED_LIMIT = 50

/** A transaction, the one that undid it, and the later transactions on the same items and accounts. Throws TRANSACTION_UNKNOWN. */
export async function historyOf(db: Kysely<Tables>, id: TransactionId): Promise<TransactionHistory> {
  const [transaction] = await readTransactions(db, [id])
  if (transaction === undefined) throw new StrataError('TRANSACTION_UNKNOWN', { transaction: id })
  const undone = await db.selectFrom('transactions').select('id').where('compensates', '=', id).executeTakeFirst()
  const { rows } = await sql<{ id: TransactionId }>`
    SELECT later.id FROM transactions me JOIN transactions later ON later.seq > me.seq
    WHERE me.id = ${id} AND later.id IN (
      SELECT n.transaction FROM item_moves m JOIN item_moves n ON n.item = m.item WHERE m.transaction = ${id}
      UNION SELECT q.transaction FROM postings p JOIN postings q ON q.account = p.account WHERE p.transaction = ${id} AND p.account <> ${WORLD}
    ) ORDER BY later.seq LIMIT ${FOLLOWED_LIMIT}`.execute(db)
  const followed = await readTransactions(
    db,
    rows.map((row) => row.id),
  )
  return defined({ transaction, compensatedBy: undone?.id, followed })
}

/** In order of time. */
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
  return heads.map(({ id, at, actor, kind, note, compensates }) =>
    defined({
      id,
      at: at.getTime(),
      actor,
      kind,
      note,
      compensates: compensates ?? undefined,
      money: money.filter(({ transaction }) => transaction === id).map(({ account, amount }) => ({ account, amount })),
      items: moves.filter(({ transaction }) => transaction === id).map(({ item, kind: what, giver, taker }) => ({ item, kind: what, from: giver, to: taker })),
    }),
  )
}
