import { z } from 'zod'
import { defined } from '../../../model/defined.ts'
import type { Auction } from '../../../model/economy.ts'
import type { CharacterId } from '../../../model/ids.ts'
import { auctionRequest, auctionResponse, auctionsResponse, bidRequest, bidResponse, buyResponse, letterResponse } from '../../../model/wire/economy.ts'
import type { HttpApp } from '../../../service/http.ts'
import { failures } from '../../access/failures.ts'
import { sessionGuard, sessionIn } from '../../access/guard.ts'
import { type EconomyRoutes, keyOf } from './economyRequest.ts'

const security = [{ session: [] }]
const params = z.object({ auction: z.string().min(1).max(64) })
const HOUR_MS = 3_600_000
/** Most auctions in one answer. */
const SHOWN = 200

/** Routes of the auction house. There is one for the whole world. */
export function auctionRoutes(app: HttpApp, { economy, guard }: EconomyRoutes): void {
  const onRequest = sessionGuard(guard)

  app.get(
    '/v1/auctions',
    { onRequest, schema: { summary: 'Open auctions, ordered by their end.', security, response: { 200: auctionsResponse, ...failures } } },
    async (request) => {
      const { character } = sessionIn(request)
      return { auctions: (await economy.auctions(SHOWN, character)).map((auction) => withoutBidder(auction, character)) }
    },
  )

  app.post(
    '/v1/auctions',
    { onRequest, schema: { summary: 'Puts items up for auction.', security, body: auctionRequest, response: { 200: auctionResponse, ...failures } } },
    async (request) => {
      const { hours, items, startPrice, buyout } = request.body
      const offer = { items, startPrice, durationMs: hours * HOUR_MS, ...defined({ buyout }) }
      return economy.listAuction(keyOf(request), sessionIn(request).character, offer)
    },
  )

  app.post(
    '/v1/auctions/:auction/bid',
    {
      onRequest,
      schema: {
        summary: 'Bids on an auction. A player who is outbid gets the money back at once.',
        security,
        params,
        body: bidRequest,
        response: { 200: bidResponse, ...failures },
      },
    },
    async (request) => economy.bid(keyOf(request), sessionIn(request).character, request.params.auction, request.body.amount),
  )

  app.post(
    '/v1/auctions/:auction/buy',
    { onRequest, schema: { summary: 'Buys for the fixed price; the items arrive by letter.', security, params, response: { 200: buyResponse, ...failures } } },
    async (request) => economy.buyOut(keyOf(request), sessionIn(request).character, request.params.auction),
  )

  app.delete(
    '/v1/auctions/:auction',
    { onRequest, schema: { summary: 'Cancels an auction of the caller that has no bid.', security, params, response: { 200: letterResponse, ...failures } } },
    async (request) => economy.cancelAuction(keyOf(request), sessionIn(request).character, request.params.auction),
  )
}

/** Shows a bidder only to itself: a bidder that a block hides could not be left out for one player without showing the block. */
function withoutBidder({ bid, ...auction }: Auction, viewer: CharacterId) {
  return defined({ ...auction, bid: bid && (bid.bidder === viewer ? bid : { amount: bid.amount }) })
}
