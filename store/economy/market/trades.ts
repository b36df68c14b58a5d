import { type Kysely, type Selectable, sql } from 'kysely'
import type { ItemId, RequestKey, Trade, TradeId } from '../../../model/economy.ts'
import { StrataError } from '../../../model/errors.ts'
import type { CharacterId, CopyId } from '../../../model/ids.ts'
import type { Tables } from '../../tables.ts'
import { bagOf, tableOf } from '../ledger/accounts.ts'
import { holdingsOf } from '../ledger/holdings.ts'
import type { Held, Ledger } from '../ledger/ledger.ts'
import { type EconomyParts, transact } from '../ledger/transact.ts'

/**
 * A trade between two who stand in one copy. What is offered lies in escrow, one account a side, so that nobody can spend
 * what they have offered.
 *
 * | from | to        | when                                                                                        |
 * | ---- | --------- | ------------------------------------------------------------------------------------------- |
 * | open | open      | an offer changes (version + 1, both confirmations are void); one side confirms this version   |
 * | open | done      | both have confirmed the same version, and both are still live in that copy: escrows change hands |
 * | open | cancelled | either says so, drops, moves, or is claimed elsewhere: escrows go back                       |
 */
type Row = Selectable<Tables['trades']>
type Side = 0 | 1

/** Throws TRADE_BUSY, EPOCH_STALE when they are not both live in `copy`. */
export function openTrade(parts: EconomyParts, request: RequestKey, copy: CopyId, sides: readonly [Held, Held]): Promise<{ trade: TradeId }> {
  const [a, b] = sides
  return transact(parts, { ...request, kind: 'trade.open', body: { copy, a, b } }, async (ledger) => {
    await ledger.fence(sides.map((side) => ({ ...side, copy })))
    const trade = ledger.newId()
    // Whoever opens a trade holds both bags: that two trades of one person are open is impossible.
    await ledger.lock(bagOf(a.character), bagOf(b.character), tableOf(trade, 0), tableOf(trade, 1))
    if ((await openTradesOf(ledger.db, [a.character, b.character])).length > 0) throw new StrataError('TRADE_BUSY')
    const [epoch_a, epoch_b, opened_at] = [a.epoch, b.epoch, new Date(ledger.now)]
    await ledger.db
      .insertInto('trades')
      .values({ id: trade, copy, a: a.character, b: b.character, epoch_a, epoch_b, state: 'open', opened_at, reason: null })
      .execute()
    ledger.note = { trade }
    return { trade }
  })
}

export interface TradeOffer {
  money?: number
  items?: readonly ItemId[]
}

/** Replaces what one side offers. Throws TRADE_UNKNOWN, TRADE_CLOSED, NOT_ENOUGH_MONEY, ITEM_NOT_HELD, EPOCH_STALE. */
export function offer(parts: EconomyParts, request: RequestKey, character: CharacterId, trade: TradeId, wanted: TradeOffer): Promise<{ version: number }> {
  const { money = 0, items = [] } = wanted
  return transact(parts, { ...request, kind: 'trade.offer', body: { character, trade, money, items } }, async (ledger) => {
    const { row, side } = await openRow(ledger, trade, character)
    const [bag, table] = [bagOf(character), tableOf(trade, side)]
    await ledger.lock(bag, table)
    const there = (await ledger.itemsIn(table)).map(({ id }) => id)
    const wish = new Set(items)
    const back = there.filter((id) => !wish.has(id))
    const more = items.filter((id) => !there.includes(id))
    await ledger.give(back, table, bag, true)
    await ledger.give(more, bag, table)
    const change = money - ledger.balance(table)
    if (change > 0) ledger.pay(bag, table, change)
    else ledger.pay(table, bag, -change)
    const version = row.version + 1
    await ledger.db.updateTable('trades').set({ version, confirmed_a: false, confirmed_b: false }).where('id', '=', trade).execute()
    ledger.note = { trade, version }
    return { version }
  })
}

/** The second confirmation of one version carries it out. Throws TRADE_UNKNOWN, TRADE_CLOSED, TRADE_CHANGED, BAG_FULL, EPOCH_STALE. */
export function confirm(
  parts: EconomyParts,
  request: RequestKey,
  character: CharacterId,
  trade: TradeId,
  version: number,
): Promise<{ state: 'open' | 'done' }> {
  return transact(parts, { ...request, kind: 'trade.confirm', body: { character, trade, version } }, async (ledger) => {
    const { row, side } = await openRow(ledger, trade, character)
    if (row.version !== version) throw new StrataError('TRADE_CHANGED', { version: row.version })
    ledger.note = { trade, version }
    const confirmed = side === 0 ? { confirmed_a: true } : { confirmed_b: true }
    const both = side === 0 ? row.confirmed_b : row.confirmed_a
    await ledger.db
      .updateTable('trades')
      .set({ ...confirmed, ...(both ? { state: 'done' as const } : {}) })
      .where('id', '=', trade)
      .execute()
    if (!both) return { state: 'open' as const }
    await emptyTables(ledger, row, [row.b, row.a])
    return { state: 'done' as const }
  })
}

/** Everything goes back to who offered it. One that is over already stays as it is. Throws TRADE_UNKNOWN. */
export function cancelTrade(parts: EconomyParts, request: RequestKey, trade: TradeId, reason: string): Promise<{ state: Row['state'] }> {
  return transact(parts, { ...request, kind: 'trade.cancel', body: { trade, reason } }, async (ledger) => {
    const row = await ledger.db.selectFrom('trades').selectAll().where('id', '=', trade).forUpdate().executeTakeFirst()
    if (row === undefined) throw new StrataError('TRADE_UNKNOWN', { trade })
    ledger.note = { trade, reason }
    if (row.state !== 'open') return { state: row.state }
    await ledger.db.updateTable('trades').set({ state: 'cancelled', reason }).where('id', '=', trade).execute()
    await emptyTables(ledger, row, [row.a, row.b])
    return { state: 'cancelled' as const }
  })
}

/** Both escrows to these two; back to their owners they may overfill a bag, for nothing is ever lost. */
async function emptyTables(ledger: Ledger, { id, a, b }: Row, to: readonly [CharacterId, CharacterId]): Promise<void> {
  const tables = [tableOf(id, 0), tableOf(id, 1)] as const
  await ledger.lock(bagOf(a), bagOf(b), ...tables)
  const back = to[0] === a
  for (const side of [0, 1] as const) {
    const [table, bag] = [tables[side], bagOf(to[side])]
    ledger.pay(table, bag, ledger.balance(table))
    const items = (await ledger.itemsIn(table)).map((item) => item.id)
    await ledger.give(items, table, bag, back)
  }
}

export async function tradeOf(db: Kysely<Tables>, trade: TradeId): Promise<Trade | undefined> {
  const row = await db.selectFrom('trades').selectAll().where('id', '=', trade).executeTakeFirst()
  if (row === undefined) return undefined
  const held = await holdingsOf(db, [tableOf(trade, 0), tableOf(trade, 1)])
  const side = (character: CharacterId, confirmed: boolean, which: Side) => ({
    character,
    confirmed,
    ...(held.get(tableOf(trade, which)) ?? { money: 0, items: [] }),
  })
  return { id: trade, state: row.state, version: row.version, sides: [side(row.a, row.confirmed_a, 0), side(row.b, row.confirmed_b, 1)] }
}

export async function openTradesOf(db: Kysely<Tables>, characters: readonly CharacterId[]): Promise<TradeId[]> {
  const { rows } = await sql<{ id: TradeId }>`
    SELECT id FROM trades WHERE state = 'open' AND a = ANY(${[...characters]}::text[])
    UNION SELECT id FROM trades WHERE state = 'open' AND b = ANY(${[...characters]}::text[])`.execute(db)
  return rows.map(({ id }) => id)
}

/** Open ones whose two are not both live where they began: a drop, a move, a crash, a login elsewhere. */
export async function brokenTrades(db: Kysely<Tables>, limit: number): Promise<TradeId[]> {
  const { rows } = await sql<{ id: TradeId }>`
    SELECT t.id FROM trades t JOIN characters a ON a.id = t.a JOIN characters b ON b.id = t.b
    WHERE t.state = 'open' AND (a.epoch, a.live_copy, b.epoch, b.live_copy) IS DISTINCT FROM (t.epoch_a, t.copy, t.epoch_b, t.copy)
    LIMIT ${limit}`.execute(db)
  return rows.map(({ id }) => id)
}

async function openRow(ledger: Ledger, trade: TradeId, character: CharacterId): Promise<{ row: Row; side: Side }> {
  const row = await ledger.db.selectFrom('trades').selectAll().where('id', '=', trade).forUpdate().executeTakeFirst()
  if (row === undefined || (row.a !== character && row.b !== character)) throw new StrataError('TRADE_UNKNOWN', { trade })
  if (row.state !== 'open') throw new StrataError('TRADE_CLOSED', { state: row.state })
  await ledger.fence([
    { character: row.a, epoch: row.epoch_a, copy: row.copy },
    { character: row.b, epoch: row.epoch_b, copy: row.copy },
  ])
  return { row, side: row.a === character ? 0 : 1 }
}
