import type { HttpApp } from '../../../service/http.ts'
import { blockRoutes } from './blockRoutes.ts'
import { friendRoutes } from './friendRoutes.ts'
import { type PartyRoutes, partyRoutes } from './partyRoutes.ts'

/** Routes about the people around a character: its party, its friends, and those whom its account has blocked. */
export function socialRoutes(app: HttpApp, routes: PartyRoutes): void {
  partyRoutes(app, routes)
  friendRoutes(app, routes)
  blockRoutes(app, routes)
}
