import { type Kysely, type Selectable, sql } from 'kysely'
import type { DurationMs, Instant } from '../../../model/clock.ts'
import { defined } from '../../../model/defined.ts'
import { type Auction, type AuctionId, auctionCut, bidStep, type ItemId, limits, type MailId, type RequestKey } from '../../../model/economy.ts'
import { StrataError } from '../../../model/errors.ts'
import type { CharacterId } from '../../../model/ids.ts'
import type { BlocksOf } from '../../social/blocks.ts'
import type { Tables } from '../../tables.ts'
import { auctionEscrowOf, bagOf, mailEscrowOf, WORLD } from '../ledger/accounts.ts'
import { holdingsOf } from '../ledger/holdings.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { requireDailyQuota } from '../ledger/quota.ts'
import { type EconomyParts, transact } from '../ledger/transact.ts'
import { deliver } from './mail.ts'

/**
 * The escrow account of an auction holds its items and the highest bid.
 *
 * | from | to        | when                                 | the items              | the bid                        |
 * | ---- | --------- | ------------------------------------ | ---------------------- | ------------------------------ |
 * | open | open      | a higher bid                         | stay                   | back to the previous bidder    |
 * | open | sold      | buyout, or end time with a bid       | by mail to the buyer   | to the seller, minus the cut   |
 * | open | unsold    | end time without a bid               | by mail to the seller  | –                              |
 * | open | cancelled | by the seller, while there is no bid | by mail to the seller  | –                              |
 *
 * While the account of seller or bidder blocks the other, the auction is over for the bidder. A bid that is the highest stays valid: its bidder sees the
 * auction, may raise the bid and gets the items. Otherwise a bidder could drive others out of an auction by a high bid and then block the seller.
 */
export interface Offer {
  items: readonly ItemId[]
  startPrice: number
  buyout?: number
  durationMs: DurationMs
}
interface Bid {
  bidder: CharacterId
  auction: AuctionId
  amount: number
}
type Row = Selectable<Tables['auctions']>
/** Kind of a new auction in the log. */
const LISTING = 'auction.list'

/** Throws ITEM_NOT_HELD, ECONOMY_REFUSED. */
export function listAuction(parts: EconomyParts, request: RequestKey, seller: CharacterId, offer: Offer): Promise<{ auction: AuctionId }> {
  const { items, startPrice, buyout, durationMs } = offer
  return transact(parts, { ...request, kind: LISTING, body: { seller, items, startPrice, buyout, durationMs } }, async (ledger) => {
    const auction = ledger.newId()
    if (items.length === 0) throw new StrataError('ECONOMY_REFUSED', { problem: 'an auction needs at least one item' })
    if (buyout !== undefined && buyout < startPrice) throw new StrataError('ECONOMY_REFUSED', { problem: 'the buyout is below the start price' })
    await ledger.lock(bagOf(seller), auctionEscrowOf(auction))
    const open = await ledger.db.selectFrom('auctions').select('id').where('seller', '=', seller).where('state', '=', 'open').execute()
    if (open.length >= limits.openAuctions)
      throw new StrataError('ECONOMY_REFUSED', { problem: `you have reached the limit of ${limits.openAuctions} open auctions` })
    await requireDailyQuota(ledger, { actor: request.actor, kind: LISTING, limit: limits.auctionsPerDay, things: 'auctions' })
    await ledger.give(items, bagOf(seller), auctionEscrowOf(auction))
    const ends_at = new Date(ledger.now + durationMs)
    await ledger.db
      .insertInto('auctions')
      .values({ id: auction, seller, start_price: startPrice, buyout: buyout ?? null, ends_at, bid: null, bidder: null, state: 'open' })
      .execute()
    ledger.note = { auction }
    return { auction }
  })
}

/** The whole bid goes into escrow; the previous bidder gets the money back at once. Throws AUCTION_UNKNOWN, AUCTION_OVER (also when a block is in the way), BID_TOO_LOW, NOT_ENOUGH_MONEY, ECONOMY_REFUSED. */
export async function bid(parts: EconomyParts, request: RequestKey, { bidder, auction, amount }: Bid): Promise<{ bid: number }> {
  const blocks = await parts.blocks.of(bidder)
  return transact(parts, { ...request, kind: 'auction.bid', body: { bidder, auction, amount } }, async (ledger) => {
    const row = await openAuction(ledger, auction)
    if (row.seller === bidder) throw new StrataError('ECONOMY_REFUSED', { problem: 'you cannot bid on your own auction' })
    await refuseBlockedSeller(ledger, row, { character: bidder, blocks })
    if (row.buyout !== null && amount >= row.buyout)
      throw new StrataError('ECONOMY_REFUSED', { problem: 'the bid reaches the buyout price; buy the auction out instead' })
    const minimum = minimumBid(row)
    if (amount < minimum) throw new StrataError('BID_TOO_LOW', { minimum })
    await ledger.lock(bagOf(bidder), auctionEscrowOf(auction), ...(row.bidder === null ? [] : [bagOf(row.bidder)]))
    returnBid(ledger, row)
    ledger.pay(bagOf(bidder), auctionEscrowOf(auction), amount)
    await ledger.db.updateTable('auctions').set({ bid: amount, bidder }).where('id', '=', auction).execute()
    ledger.note = { auction, amount }
    return { bid: amount }
  })
}

/** Throws AUCTION_UNKNOWN, AUCTION_OVER (also when a block is in the way), NOT_ENOUGH_MONEY, ECONOMY_REFUSED. */
export async function buyOut(parts: EconomyParts, request: RequestKey, buyer: CharacterId, auction: AuctionId): Promise<{ price: number; mail: MailId }> {
  const blocks = await parts.blocks.of(buyer)
  return transact(parts, { ...request, kind: 'auction.buy', body: { buyer, auction } }, async (ledger) => {
    const row = await openAuction(ledger, auction)
    if (row.seller === buyer) throw new StrataError('ECONOMY_REFUSED', { problem: 'you cannot buy your own auction' })
    await refuseBlockedSeller(ledger, row, { character: buyer, blocks })
    if (row.buyout === null) throw new StrataError('ECONOMY_REFUSED', { problem: 'the auction has no buyout price' })
    const mail = ledger.newId()
    await ledger.lock(bagOf(buyer), bagOf(row.seller), auctionEscrowOf(auction), mailEscrowOf(mail), ...(row.bidder === null ? [] : [bagOf(row.bidder)]))
    returnBid(ledger, row)
    const cut = Math.floor(row.buyout * auctionCut)
    ledger.pay(bagOf(buyer), bagOf(row.seller), row.buyout - cut)
    ledger.pay(bagOf(buyer), WORLD, cut)
    await deliver(ledger, { mail, from: row.seller, to: buyer, subject: 'You bought it', escrow: auctionEscrowOf(auction) })
    await end(ledger, auction, 'sold')
    ledger.note = { auction, mail, price: row.buyout, buyer, seller: row.seller }
    return { price: row.buyout, mail }
  })
}

/** The seller may cancel while there is no bid. Throws AUCTION_UNKNOWN, AUCTION_OVER, ECONOMY_REFUSED. */
export function cancelAuction(parts: EconomyParts, request: RequestKey, seller: CharacterId, auction: AuctionId): Promise<{ mail: MailId }> {
  return transact(parts, { ...request, kind: 'auction.cancel', body: { seller, auction } }, async (ledger) => {
    const row = await openAuction(ledger, auction)
    if (row.seller !== seller) throw new StrataError('AUCTION_UNKNOWN', { auction })
    if (row.bid !== null) throw new StrataError('ECONOMY_REFUSED', { problem: 'the auction has a bid already' })
    return { mail: await returnToSeller(ledger, row, 'cancelled') }
  })
}

/** Ends an auction after its end time: sold to the highest bidder, or unsold. Concurrent calls use one request key, so all get the same answer. */
export function settleAuction(parts: EconomyParts, auction: AuctionId): Promise<{ state: Row['state'] }> {
  return transact(parts, { actor: 'keeper', key: `auction ${auction} ends`, kind: 'auction.end', body: { auction } }, async (ledger) => {
    const row = await ledger.db.selectFrom('auctions').selectAll().where('id', '=', auction).forUpdate().executeTakeFirstOrThrow()
    if (row.state !== 'open') return { state: row.state }
    if (row.bid === null || row.bidder === null) {
      await returnToSeller(ledger, row, 'unsold')
      return { state: 'unsold' }
    }
    const mail = ledger.newId()
    await ledger.lock(bagOf(row.seller), auctionEscrowOf(auction), mailEscrowOf(mail))
    const cut = Math.floor(row.bid * auctionCut)
    ledger.pay(auctionEscrowOf(auction), bagOf(row.seller), row.bid - cut)
    ledger.pay(auctionEscrowOf(auction), WORLD, cut)
    await deliver(ledger, { mail, from: row.seller, to: row.bidder, subject: 'Your bid won', escrow: auctionEscrowOf(auction) })
    await end(ledger, auction, 'sold')
    ledger.note = { auction, mail, price: row.bid, buyer: row.bidder, seller: row.seller }
    return { state: 'sold' }
  })
}

/** The open auctions, earliest end first. With `viewer`: without those that are over for this character because of a block. */
export async function openAuctions({ db, clock, blocks }: EconomyParts, limit: number, viewer?: CharacterId): Promise<Auction[]> {
  const own = viewer === undefined ? undefined : await blocks.of(viewer)
  const rows = await db
    .selectFrom('auctions')
    .selectAll()
    .where('state', '=', 'open')
    .where('ends_at', '>', new Date(clock.now()))
    .$if(own !== undefined, (query) => query.where(sql<boolean>`(bidder = ${viewer} OR NOT ${own?.between(sql.ref('auctions.seller'))})`))
    .orderBy('ends_at')
    .orderBy('id')
    .limit(limit)
    .execute()
  const held = await holdingsOf(
    db,
    rows.map(({ id }) => auctionEscrowOf(id)),
  )
  return rows.map((row) =>
    defined({
      id: row.id,
      seller: row.seller,
      items: held.get(auctionEscrowOf(row.id))?.items ?? [],
      startPrice: row.start_price,
      buyout: row.buyout ?? undefined,
      ends: row.ends_at.getTime(),
      bid: row.bid === null || row.bidder === null ? undefined : { amount: row.bid, bidder: row.bidder },
      state: row.state,
    }),
  )
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

/** Throws AUCTION_OVER, the answer of an auction that was sold or cancelled meanwhile. */
async function refuseBlockedSeller(
  { db }: Ledger,
  { seller, bidder }: Row,
  { character, blocks }: { character: CharacterId; blocks: BlocksOf },
): Promise<void> {
  if (bidder !== character && (await blocks.among(db, [seller])).size > 0) throw new StrataError('AUCTION_OVER')
}

function minimumBid(row: Row): number {
  return row.bid === null ? row.start_price : row.bid + Math.max(1, Math.ceil(row.bid * bidStep))
}

async function openAuction({ db, now }: Ledger, auction: AuctionId): Promise<Row> {
  const row = await db.selectFrom('auctions').selectAll().where('id', '=', auction).forUpdate().executeTakeFirst()
  if (row === undefined) throw new StrataError('AUCTION_UNKNOWN', { auction })
  if (row.state !== 'open' || row.ends_at.getTime() <= now) throw new StrataError('AUCTION_OVER')
  return row
}

function returnBid(ledger: Ledger, row: Row): void {
  if (row.bidder !== null) ledger.pay(auctionEscrowOf(row.id), bagOf(row.bidder), row.bid ?? 0)
}

async function returnToSeller(ledger: Ledger, row: Row, state: 'unsold' | 'cancelled'): Promise<MailId> {
  const mail = ledger.newId()
  await ledger.lock(auctionEscrowOf(row.id), mailEscrowOf(mail))
  await deliver(ledger, { mail, from: row.seller, to: row.seller, subject: `Your auction: ${state}`, escrow: auctionEscrowOf(row.id) })
  await end(ledger, row.id, state)
  ledger.note = { auction: row.id, mail }
  return mail
}

async function end({ db }: Ledger, auction: AuctionId, state: Row['state']): Promise<void> {
  await db.updateTable('auctions').set({ state }).where('id', '=', auction).execute()
}
