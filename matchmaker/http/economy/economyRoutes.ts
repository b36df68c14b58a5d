import type { HttpApp } from '../../../service/http.ts'
import { auctionRoutes } from './auctionRoutes.ts'
import type { EconomyRoutes } from './economyRequest.ts'
import { guildRoutes } from './guildRoutes.ts'
import { mailRoutes } from './mailRoutes.ts'
import { refundRoutes } from './refundRoutes.ts'

/** Items and money, for people who need not stand in the same copy: letters, auctions, guilds; refunds for operators. */
export function economyRoutes(app: HttpApp, routes: EconomyRoutes): void {
  mailRoutes(app, routes)
  auctionRoutes(app, routes)
  guildRoutes(app, routes)
  refundRoutes(app, routes)
}
