import fastifyCookie from '@fastify/cookie'
import type { CryptoKey } from 'jose'
import type { Census } from '../../model/census.ts'
import type { Clock } from '../../model/clock.ts'
import type { ServiceCallers } from '../../service/callers/serviceCallers.ts'
import type { HttpApp } from '../../service/http.ts'
import type { PostgresStore } from '../../store/postgresStore.ts'
import { AdminGuard } from '../access/adminGuard.ts'
import { forwardRoutes, type MatchmakerAccess } from '../access/forward.ts'
import { OpenIdLogin, type OpenIdSettings } from '../access/openIdLogin.ts'
import { sessionRoutes } from '../access/sessionRoutes.ts'
import { Sessions } from '../access/sessions.ts'
import type { LiveFeed } from '../live/liveFeed.ts'
import { liveRoutes } from '../live/liveRoutes.ts'
import type { Timeline } from '../live/timeline.ts'
import { consolePages } from './consolePages.ts'

/** What an installation decides about the console. */
export interface ConsoleOptions {
  /** Folder of the built page. */
  folder: string
  /** Served over HTTPS, perhaps by a proxy in front: cookies are not sent without it. */
  secure: boolean
  openId?: OpenIdSettings
  matchmaker?: MatchmakerAccess
  /** File of the recorded day for trials. */
  day?: string
}

export interface ConsoleParts {
  options: ConsoleOptions
  /** Extractable: the key of the sessions is derived from it. */
  ticketKey: CryptoKey
  store: PostgresStore
  callers: ServiceCallers
  census: () => Census
  feed: LiveFeed
  timeline: Timeline
  clock: Clock
}

/** Adds the console's page, its sessions and what it reads. Returns the guard of all routes for people. */
export async function serveConsole(http: HttpApp, { options, ticketKey, store, callers, census, feed, timeline, clock }: ConsoleParts): Promise<AdminGuard> {
  const { folder, secure, openId, matchmaker } = options
  await http.register(fastifyCookie)
  const sessions = await Sessions.from(ticketKey, clock)
  const accounts = store.consoleAccounts
  const guard = new AdminGuard({ callers, sessions, accounts })
  const login = openId === undefined ? undefined : new OpenIdLogin(openId)
  sessionRoutes(http, { guard, sessions, accounts, openId: login, audit: (entry) => store.accounts.audit(entry), clock, secure })
  liveRoutes(http, { feed, timeline, census, store, guard })
  forwardRoutes(http, guard, matchmaker)
  await consolePages(http, folder, secure)
  return guard
}
