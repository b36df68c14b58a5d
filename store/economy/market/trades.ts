import { type Kysely, type Selectable, sql } from 'kysely'
import type { ItemId, RequestKey, Trade, TradeId } from '../../../model/economy.ts'
import { StrataError } from '../../../model/errors.ts'
import type { CharacterId, CopyId } from '../../../model/ids.ts'
import type { Tables } from '../../tables.ts'
import { bagOf, tradeEscrowOf } from '../ledger/accounts.ts'
import { holdingsOf } from '../ledger/holdings.ts'
import type { Held, Ledger } from '../ledger/ledger.ts'
import { type EconomyParts, transact } from '../ledger/transact.ts'

/**
 * A trade between two characters in one copy. Each side has an escrow account for its offer, so that an offered item cannot be spent.
 *
 * | from | to        | when                                                                                              |
 * | ---- | --------- | ------------------------------------------------------------------------------------------------- |
 * | open | open      | an offer changes (version + 1, both confirmations are reset), or one side confirms the version    |
 * | open | done      | both sides confirmed the same version and are still live in the copy: the escrows are exchanged   |
 * | open | cancelled | a side cancels, drops, moves or is claimed by another server: the escrows go back                 |
 */
type Row = Selectable<Tables['trades']>
type Side = 0 | 1

/** Throws TRADE_BUSY, TRADE_UNKNOWN when one has blocked the other, EPOCH_STALE when they are not both live in `copy`. */
export async function openTrade(parts: EconomyParts, request: RequestKey, copy: CopyId, sides: readonly [Held, Held]): Promise<{ trade: TradeId }> {
  const [a, b] = sides
  const blocks = await parts.blocks.of(a.character)
  return transact(parts, { ...request, kind: 'trade.open', body: { copy, a, b } }, async (ledger) => {
    await ledger.fence(sides.map((side) => ({ ...side, copy })))
    const trade = ledger.newId()
    // The locks on both bags make the check safe: a character cannot have two open trades.
    await ledger.lock(bagOf(a.character), bagOf(b.character), tradeEscrowOf(trade, 0), tradeEscrowOf(trade, 1))
    if ((await blocks.among(ledger.db, [b.character])).size > 0) throw new StrataError('TRADE_UNKNOWN', { trade: 'asked for' })
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

interface TradeSide {
  character: CharacterId
  trade: TradeId
}

export interface TradeOffer {
  money?: number
  items?: readonly ItemId[]
}

/** Replaces the offer of one side. Throws TRADE_UNKNOWN, TRADE_CLOSED, NOT_ENOUGH_MONEY, ITEM_NOT_HELD, EPOCH_STALE. */
export function offer(parts: EconomyParts, request: RequestKey, { character, trade }: TradeSide, wanted: TradeOffer): Promise<{ version: number }> {
  const { money = 0, items = [] } = wanted
  return transact(parts, { ...request, kind: 'trade.offer', body: { character, trade, money, items } }, async (ledger) => {
    const { row, side } = await lockOpenTrade(ledger, trade, character)
    const [bag, escrow] = [bagOf(character), tradeEscrowOf(trade, side)]
    await ledger.lock(bag, escrow)
    const offered = (await ledger.itemsIn(escrow)).map(({ id }) => id)
    const wantedIds = new Set(items)
    const removed = offered.filter((id) => !wantedIds.has(id))
    const added = items.filter((id) => !offered.includes(id))
    await ledger.give(removed, escrow, bag, true)
    await ledger.give(added, bag, escrow)
    const change = money - ledger.balance(escrow)
    if (change > 0) ledger.pay(bag, escrow, change)
    else ledger.pay(escrow, bag, -change)
    const version = row.version + 1
    await ledger.db.updateTable('trades').set({ version, confirmed_a: false, confirmed_b: false }).where('id', '=', trade).execute()
    ledger.note = { trade, version }
    return { version }
  })
}

/** The second confirmation of a version completes the trade. Throws TRADE_UNKNOWN, TRADE_CLOSED (also when one has blocked the other), TRADE_CHANGED, BAG_FULL, EPOCH_STALE. */
export async function confirm(parts: EconomyParts, request: RequestKey, { character, trade }: TradeSide, version: number): Promise<{ state: 'open' | 'done' }> {
  const blocks = await parts.blocks.of(character)
  let blocked = false
  try {
    return await transact(parts, { ...request, kind: 'trade.confirm', body: { character, trade, version } }, async (ledger) => {
      const { row, side } = await lockOpenTrade(ledger, trade, character)
      blocked = (await blocks.among(ledger.db, [side === 0 ? row.b : row.a])).size > 0
      if (blocked) throw new StrataError('TRADE_CLOSED', { state: 'cancelled' })
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
      await emptyEscrows(ledger, row, [row.b, row.a])
      return { state: 'done' as const }
    })
  } catch (error) {
    // The sweep sees the blocks of the table only; here the offers go back in both cases.
    if (blocked) await breakTrade(parts, trade)
    throw error
  }
}

/** Ends a trade that the world has made impossible. Several callers are one request. */
export function breakTrade(parts: EconomyParts, trade: TradeId): Promise<{ state: Row['state'] }> {
  return cancelTrade(parts, { actor: 'keeper', key: `trade ${trade} breaks` }, trade, 'they parted')
}

/** Returns both offers. A trade that is done or cancelled stays unchanged. Throws TRADE_UNKNOWN. */
export function cancelTrade(parts: EconomyParts, request: RequestKey, trade: TradeId, reason: string): Promise<{ state: Row['state'] }> {
  return transact(parts, { ...request, kind: 'trade.cancel', body: { trade, reason } }, async (ledger) => {
    const row = await ledger.db.selectFrom('trades').selectAll().where('id', '=', trade).forUpdate().executeTakeFirst()
    if (row === undefined) throw new StrataError('TRADE_UNKNOWN', { trade })
    ledger.note = { trade, reason }
    if (row.state !== 'open') return { state: row.state }
    await ledger.db.updateTable('trades').set({ state: 'cancelled', reason }).where('id', '=', trade).execute()
    await emptyEscrows(ledger, row, [row.a, row.b])
    return { state: 'cancelled' as const }
  })
}

/** Empties both escrows into the bags of `to`. Items that go back to their owner may exceed the limit of the bag, so that none is lost. */
async function emptyEscrows(ledger: Ledger, { id, a, b }: Row, to: readonly [CharacterId, CharacterId]): Promise<void> {
  const escrows = [tradeEscrowOf(id, 0), tradeEscrowOf(id, 1)] as const
  await ledger.lock(bagOf(a), bagOf(b), ...escrows)
  const back = to[0] === a
  for (const side of [0, 1] as const) {
    const [escrow, bag] = [escrows[side], bagOf(to[side])]
    ledger.pay(escrow, bag, ledger.balance(escrow))
    const items = (await ledger.itemsIn(escrow)).map((item) => item.id)
    await ledger.give(items, escrow, bag, back)
  }
}

export async function tradeOf(db: Kysely<Tables>, trade: TradeId): Promise<Trade | undefined> {
  const row = await db.selectFrom('trades').selectAll().where('id', '=', trade).executeTakeFirst()
  if (row === undefined) return undefined
  const held = await holdingsOf(db, [tradeEscrowOf(trade, 0), tradeEscrowOf(trade, 1)])
  const side = (character: CharacterId, confirmed: boolean, which: Side) => ({
    character,
    confirmed,
    ...(held.get(tradeEscrowOf(trade, which)) ?? { money: 0, items: [] }),
  })
  return { id: trade, state: row.state, version: row.version, sides: [side(row.a, row.confirmed_a, 0), side(row.b, row.confirmed_b, 1)] }
}

export async function openTradesOf(db: Kysely<Tables>, characters: readonly CharacterId[]): Promise<TradeId[]> {
  const { rows } = await sql<{ id: TradeId }>`
    SELECT id FROM trades WHERE state = 'open' AND a = ANY(${[...characters]}::text[])
    UNION SELECT id FROM trades WHERE state = 'open' AND b = ANY(${[...characters]}::text[])`.execute(db)
  return rows.map(({ id }) => id)
}

/** Open trades whose characters are no longer both live in the copy, after a drop, a move, a crash or another login, or between whom the table has a block. */
export async function brokenTrades(db: Kysely<Tables>, limit: number): Promise<TradeId[]> {
  const { rows } = await sql<{ id: TradeId }>`
    SELECT t.id FROM trades t JOIN characters a ON a.id = t.a JOIN characters b ON b.id = t.b
    WHERE t.state = 'open' AND ((a.epoch, a.live_copy, b.epoch, b.live_copy) IS DISTINCT FROM (t.epoch_a, t.copy, t.epoch_b, t.copy)
      OR EXISTS (SELECT FROM blocks k WHERE (k.account = a.account AND k.blocked = b.account) OR (k.account = b.account AND k.blocked = a.account)))
    LIMIT ${limit}`.execute(db)
  return rows.map(({ id }) => id)
}

async function lockOpenTrade(ledger: Ledger, trade: TradeId, character: CharacterId): Promise<{ row: Row; side: Side }> {
  const row = await ledger.db.selectFrom('trades').selectAll().where('id', '=', trade).forUpdate().executeTakeFirst()
  if (row === undefined || (row.a !== character && row.b !== character)) throw new StrataError('TRADE_UNKNOWN', { trade })
  if (row.state !== 'open') throw new StrataError('TRADE_CLOSED', { state: row.state })
  await ledger.fence([
    { character: row.a, epoch: row.epoch_a, copy: row.copy },
    { character: row.b, epoch: row.epoch_b, copy: row.copy },
  ])
  return { row, side: row.a === character ? 0 : 1 }
}
