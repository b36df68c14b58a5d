import type { Kysely, Selectable } from 'kysely'
import type { DurationMs, Instant } from '../../../model/clock.ts'
import { type Auction, type AuctionId, auctionCut, bidStep, type ItemId, limits, type MailId, type RequestKey } from '../../../model/economy.ts'
import { StrataError } from '../../../model/errors.ts'
import type { CharacterId } from '../../../model/ids.ts'
import type { Tables } from '../../tables.ts'
import { bagOf, letterOf, lotOf, WORLD } from '../ledger/accounts.ts'
import { holdingsOf } from '../ledger/holdings.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { type EconomyParts, transact } from '../ledger/transact.ts'
import { deliver } from './mail.ts'

/**
 * What is sold, and the highest bid, lie in the auction's own account.
 *
 * | from | to        | when                                   | the items                  | the bid               |
 * | ---- | --------- | -------------------------------------- | -------------------------- | --------------------- |
 * | open | open      | a higher bid                           | stay                       | back to the one before |
 * | open | sold      | bought out, or its end with a bid      | by letter to the buyer     | to the seller, less the cut |
 * | open | unsold    | its end without a bid                  | by letter to the seller    | –                     |
 * | open | cancelled | the seller, while there is no bid      | by letter to the seller    | –                     |
 */
export interface Offer {
  items: readonly ItemId[]
  startPrice: number
  buyout?: number
  durationMs: DurationMs
}
type Row = Selectable<Tables['auctions']>

/** Throws ITEM_NOT_HELD, ECONOMY_REFUSED. */
export function listAuction(parts: EconomyParts, request: RequestKey, seller: CharacterId, offer: Offer): Promise<{ auction: AuctionId }> {
  const { items, startPrice, buyout, durationMs } = offer
  return transact(parts, { ...request, kind: 'auction.list', body: { seller, items, startPrice, buyout, durationMs } }, async (ledger) => {
    const auction = ledger.newId()
    if (items.length === 0) throw new StrataError('ECONOMY_REFUSED', { problem: 'there is nothing to sell' })
    if (buyout !== undefined && buyout < startPrice) throw new StrataError('ECONOMY_REFUSED', { problem: 'the buyout is below the start price' })
    await ledger.lock(bagOf(seller), lotOf(auction))
    const open = await ledger.db.selectFrom('auctions').select('id').where('seller', '=', seller).where('state', '=', 'open').execute()
    if (open.length >= limits.openAuctions) throw new StrataError('ECONOMY_REFUSED', { problem: `you have ${limits.openAuctions} open auctions` })
    await ledger.give(items, bagOf(seller), lotOf(auction))
    const ends_at = new Date(ledger.now + durationMs)
    await ledger.db
      .insertInto('auctions')
      .values({ id: auction, seller, start_price: startPrice, buyout: buyout ?? null, ends_at, bid: null, bidder: null, state: 'open' })
      .execute()
    ledger.note = { auction }
    return { auction }
  })
}

/** The whole bid goes into escrow; who is outbid has theirs back at once. Throws AUCTION_UNKNOWN, AUCTION_OVER, BID_TOO_LOW, NOT_ENOUGH_MONEY, ECONOMY_REFUSED. */
export function bid(parts: EconomyParts, request: RequestKey, bidder: CharacterId, auction: AuctionId, amount: number): Promise<{ bid: number }> {
  return transact(parts, { ...request, kind: 'auction.bid', body: { bidder, auction, amount } }, async (ledger) => {
    const row = await openAuction(ledger, auction)
    if (row.seller === bidder) throw new StrataError('ECONOMY_REFUSED', { problem: 'it is your own auction' })
    if (row.buyout !== null && amount >= row.buyout) throw new StrataError('ECONOMY_REFUSED', { problem: 'buy it out for that price' })
    const minimum = leastBid(row)
    if (amount < minimum) throw new StrataError('BID_TOO_LOW', { minimum })
    await ledger.lock(bagOf(bidder), lotOf(auction), ...(row.bidder === null ? [] : [bagOf(row.bidder)]))
    giveBidBack(ledger, row)
    ledger.pay(bagOf(bidder), lotOf(auction), amount)
    await ledger.db.updateTable('auctions').set({ bid: amount, bidder }).where('id', '=', auction).execute()
    ledger.note = { auction, amount }
    return { bid: amount }
  })
}

/** Throws AUCTION_UNKNOWN, AUCTION_OVER, NOT_ENOUGH_MONEY, ECONOMY_REFUSED. */
export function buyOut(parts: EconomyParts, request: RequestKey, buyer: CharacterId, auction: AuctionId): Promise<{ price: number; mail: MailId }> {
  return transact(parts, { ...request, kind: 'auction.buy', body: { buyer, auction } }, async (ledger) => {
    const row = await openAuction(ledger, auction)
    if (row.seller === buyer) throw new StrataError('ECONOMY_REFUSED', { problem: 'it is your own auction' })
    if (row.buyout === null) throw new StrataError('ECONOMY_REFUSED', { problem: 'it has no buyout' })
    const mail = ledger.newId()
    await ledger.lock(bagOf(buyer), bagOf(row.seller), lotOf(auction), letterOf(mail), ...(row.bidder === null ? [] : [bagOf(row.bidder)]))
    giveBidBack(ledger, row)
    const cut = Math.floor(row.buyout * auctionCut)
    ledger.pay(bagOf(buyer), bagOf(row.seller), row.buyout - cut)
    ledger.pay(bagOf(buyer), WORLD, cut)
    await deliver(ledger, { mail, from: row.seller, to: buyer, subject: 'You bought it', escrow: lotOf(auction) })
    await end(ledger, auction, 'sold')
    ledger.note = { auction, mail, price: row.buyout, buyer, seller: row.seller }
    return { price: row.buyout, mail }
  })
}

/** By its seller, while nobody has bid. Throws AUCTION_UNKNOWN, AUCTION_OVER, ECONOMY_REFUSED. */
export function cancelAuction(parts: EconomyParts, request: RequestKey, seller: CharacterId, auction: AuctionId): Promise<{ mail: MailId }> {
  return transact(parts, { ...request, kind: 'auction.cancel', body: { seller, auction } }, async (ledger) => {
    const row = await openAuction(ledger, auction)
    if (row.seller !== seller) throw new StrataError('AUCTION_UNKNOWN', { auction })
    if (row.bid !== null) throw new StrataError('ECONOMY_REFUSED', { problem: 'somebody has bid already' })
    return { mail: await backToSeller(ledger, row, 'cancelled') }
  })
}

/** At its end: to the highest bidder, or back. Any number of keepers may try: one does it, the others get the same answer. */
export function settleAuction(parts: EconomyParts, auction: AuctionId): Promise<{ state: Row['state'] }> {
  return transact(parts, { actor: 'keeper', key: `auction ${auction} ends`, kind: 'auction.end', body: { auction } }, async (ledger) => {
    const row = await ledger.db.selectFrom('auctions').selectAll().where('id', '=', auction).forUpdate().executeTakeFirstOrThrow()
    if (row.state !== 'open') return { state: row.state }
    if (row.bid === null || row.bidder === null) {
      await backToSeller(ledger, row, 'unsold')
      return { state: 'unsold' }
    }
    const mail = ledger.newId()
    await ledger.lock(bagOf(row.seller), lotOf(auction), letterOf(mail))
    const cut = Math.floor(row.bid * auctionCut)
    ledger.pay(lotOf(auction), bagOf(row.seller), row.bid - cut)
    ledger.pay(lotOf(auction), WORLD, cut)
    await deliver(ledger, { mail, from: row.seller, to: row.bidder, subject: 'Your bid won', escrow: lotOf(auction) })
    await end(ledger, auction, 'sold')
    ledger.note = { auction, mail, price: row.bid, buyer: row.bidder, seller: row.seller }
    return { state: 'sold' }
  })
}

/** Those that end next, first. */
export async function openAuctions(db: Kysely<Tables>, now: Instant, limit: number): Promise<Auction[]> {
  const rows = await db
    .selectFrom('auctions')
    .selectAll()
    .where('state', '=', 'open')
    .where('ends_at', '>', new Date(now))
    .orderBy('ends_at')
    .orderBy('id')
    .limit(limit)
    .execute()
  const held = await holdingsOf(
    db,
    rows.map(({ id }) => lotOf(id)),
  )
  return rows.map((row) => ({
    id: row.id,
    seller: row.seller,
    items: held.get(lotOf(row.id))?.items ?? [],
    startPrice: row.start_price,
    ...(row.buyout === null ? {} : { buyout: row.buyout }),
    ends: row.ends_at.getTime(),
    ...(row.bid === null || row.bidder === null ? {} : { bid: { amount: row.bid, bidder: row.bidder } }),
    state: row.state,
  }))
}

export async function endedAuctions(db: Kysely<Tables>, now: Instant, limit: number): Promise<AuctionId[]> {
  const rows = await db
    .selectFrom('auctions')
    .select('id')
    .where('state', '=', 'open')
    .where('ends_at', '<=', new Date(now))
    .orderBy('ends_at')
    .limit(limit)
    .execute()
  return rows.map(({ id }) => id)
}

function leastBid(row: Row): number {
  return row.bid === null ? row.start_price : row.bid + Math.max(1, Math.ceil(row.bid * bidStep))
}

async function openAuction({ db, now }: Ledger, auction: AuctionId): Promise<Row> {
  const row = await db.selectFrom('auctions').selectAll().where('id', '=', auction).forUpdate().executeTakeFirst()
  if (row === undefined) throw new StrataError('AUCTION_UNKNOWN', { auction })
  if (row.state !== 'open' || row.ends_at.getTime() <= now) throw new StrataError('AUCTION_OVER')
  return row
}

function giveBidBack(ledger: Ledger, row: Row): void {
  if (row.bidder !== null) ledger.pay(lotOf(row.id), bagOf(row.bidder), row.bid ?? 0)
}

async function backToSeller(ledger: Ledger, row: Row, state: 'unsold' | 'cancelled'): Promise<MailId> {
  const mail = ledger.newId()
  await ledger.lock(lotOf(row.id), letterOf(mail))
  await deliver(ledger, { mail, from: row.seller, to: row.seller, subject: `Your auction: ${state}`, escrow: lotOf(row.id) })
  await end(ledger, row.id, state)
  ledger.note = { auction: row.id, mail }
  return mail
}

async function end({ db }: Ledger, auction: AuctionId, state: Row['state']): Promise<void> {
  await db.updateTable('auctions').set({ state }).where('id', '=', auction).execute()
}
