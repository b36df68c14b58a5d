import { z } from 'zod'
import { defined } from '../../../model/defined.ts'
import type { Auction } from '../../../model/economy.ts'
import type { CharacterId } from '../../../model/ids.ts'
import { auctionRequest, auctionResponse, auctionsResponse, bidRequest, bidResponse, buyResponse, letterResponse } from '../../../model/wire/economy.ts'
import type { HttpApp } from '../../../service/http.ts'
import { characterGuard, sessionIn } from '../../access/guard.ts'
import { routesFor } from '../route.ts'
import { type EconomyRoutes, keyOf } from './economyRequest.ts'

const params = z.object({ auction: z.string().min(1).max(64) })
const HOUR_MS = 3_600_000
/** Most auctions in one answer. */
const SHOWN = 200

/** Routes of the auction house. There is one for the whole world. */
export function auctionRoutes(app: HttpApp, { economy, guard }: EconomyRoutes): void {
  const route = routesFor(characterGuard(guard), 'session')

  app.get('/v1/auctions', route('Open auctions, ordered by their end.', auctionsResponse), async (request) => {
    const { character } = sessionIn(request)
    return { auctions: (await economy.auctions(SHOWN, character)).map((auction) => withoutBidder(auction, character)) }
  })

  app.post('/v1/auctions', route('Puts items up for auction.', auctionResponse, { body: auctionRequest }), async (request) => {
    const { hours, items, startPrice, buyout } = request.body
    const offer = { items, startPrice, durationMs: hours * HOUR_MS, ...defined({ buyout }) }
    return economy.listAuction(keyOf(request), sessionIn(request).character, offer)
  })

  app.post(
    '/v1/auctions/:auction/bid',
    route('Bids on an auction. A player who is outbid gets the money back at once.', bidResponse, { params, body: bidRequest }),
    async (request) => economy.bid(keyOf(request), sessionIn(request).character, request.params.auction, request.body.amount),
  )

  app.post('/v1/auctions/:auction/buy', route('Buys for the fixed price; the items arrive by letter.', buyResponse, { params }), async (request) =>
    economy.buyOut(keyOf(request), sessionIn(request).character, request.params.auction),
  )

  app.delete('/v1/auctions/:auction', route('Cancels an auction of the caller that has no bid.', letterResponse, { params }), async (request) =>
    economy.cancelAuction(keyOf(request), sessionIn(request).character, request.params.auction),
  )
}

/** Shows a bidder only to itself: a bidder that a block hides could not be left out for one player without showing the block. */
function withoutBidder({ bid, ...auction }: Auction, viewer: CharacterId) {
  return defined({ ...auction, bid: bid && (bid.bidder === viewer ? bid : { amount: bid.amount }) })
}
