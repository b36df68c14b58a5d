import type { HttpApp } from '../../../service/http.ts'
import { auctionRoutes } from './auctionRoutes.ts'
import type { EconomyRoutes } from './economyRequest.ts'
import { guildRoutes } from './guildRoutes.ts'
import { mailRoutes } from './mailRoutes.ts'
import { refundRoutes } from './refundRoutes.ts'

/** Routes for items and money between players in any copy: mail, auctions, guilds; refunds for operators. */
export function economyRoutes(app: HttpApp, routes: EconomyRoutes): void {
  mailRoutes(app, routes)
  auctionRoutes(app, routes)
  guildRoutes(app, routes)
  refundRoutes(app, routes)
}
