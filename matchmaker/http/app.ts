import swagger from '@fastify/swagger'
import { jsonSchemaTransform } from 'fastify-type-provider-zod'
import type { CryptoKey } from 'jose'
import type { Registry } from 'prom-client'
import { matchmakerAccess } from '../../model/access/routes.ts'
import type { Clock, DurationMs } from '../../model/clock.ts'
import { defined } from '../../model/defined.ts'
import { ServiceCallers } from '../../service/callers/serviceCallers.ts'
import { createHttp, type HttpApp } from '../../service/http.ts'
import type { Logger } from '../../service/log.ts'
import type { Accounts } from '../../store/accounts/accounts.ts'
import type { Economy } from '../../store/economy/economy.ts'
import type { Social } from '../../store/social/social.ts'
import type { Studio } from '../../store/studio/studio.ts'
import type { Webhooks } from '../../store/webhooks/webhooks.ts'
import { Bans } from '../access/bans.ts'
import { type GuardOptions, guardAll } from '../access/guard.ts'
import { Ownership } from '../access/ownership.ts'
import { RateLimit } from '../access/rateLimit.ts'
import { RequestsAtOnce } from '../access/requestsAtOnce.ts'
import type { Sessions } from '../access/sessions.ts'
import type { Parts } from '../parts.ts'
import { type CharacterRules, characterRoutes } from './characterRoutes.ts'
import { economyRoutes } from './economy/economyRoutes.ts'
import { explainRoutes } from './explainRoutes.ts'
import { lockRoutes } from './lockRoutes.ts'
import { loginRoutes } from './loginRoutes.ts'
import { moderationRoutes } from './moderation/moderationRoutes.ts'
import { privacyRoutes } from './moderation/privacyRoutes.ts'
import { placementRoutes } from './placementRoutes.ts'
import { socialRoutes } from './social/socialRoutes.ts'
import { studioRoutes } from './studio/studioRoutes.ts'
import { webhookRoutes } from './webhookRoutes.ts'

/** Default of REQUESTS_AT_ONCE. At 400 requests a second, the last of 200 is answered after half a second. */
export const REQUESTS_AT_ONCE = 200

export interface AppOptions {
  parts: Parts
  accounts: Accounts
  social: Social
  /** Without it there are no routes for the studio's back end. */
  studio?: Studio
  /** Without it there are no routes for dead letters of webhooks. */
  webhooks?: Webhooks
  /** Without it there are no routes for mail, auctions and guild banks. */
  economy?: Economy
  characters: CharacterRules
  sessions: Sessions
  registry: Registry
  log: Logger
  clock: Clock
  ready(): Promise<void>
  perSessionPerSecond: number
  perAddressPerSecond: number
  /** Requests that are worked on at the same time; further ones are refused. */
  atOnce?: number
  origin: string
  operatorToken?: string
  /** Accepted public keys of service tokens. Without them only the operator's token opens the routes of services. */
  serviceKeys?: () => readonly CryptoKey[]
  trustProxy?: string | undefined
  /** How long an invitation to a party can be accepted, in ms. */
  partyInvitationMs?: DurationMs
  /** Longest wait of `GET /v1/line`, in ms. */
  longPollMs?: number
}

/** The HTTP API for players' clients. Its OpenAPI description comes from the schemas that check the requests. */
export async function createApp(options: AppOptions): Promise<HttpApp> {
  const { parts, sessions, registry, log, clock } = options
  const app = createHttp(log, { registry, ready: options.ready }, { trustProxy: options.trustProxy, access: matchmakerAccess, measured: true })
  await app.register(swagger, {
    openapi: {
      info: { title: 'Strata matchmaker', description: 'Placement of players in copies: seats, travel, the line, parties.', version: '1' },
      components: {
        securitySchemes: {
          session: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
          operator: { type: 'http', scheme: 'bearer' },
          service: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
        },
      },
    },
    transform: jsonSchemaTransform,
  })
  const guard: GuardOptions = defined({
    sessions,
    ownership: new Ownership(options.accounts),
    bans: new Bans(options.accounts, clock),
    perSession: new RateLimit(clock, options.perSessionPerSecond),
    perAddress: new RateLimit(clock, options.perAddressPerSecond),
    atOnce: new RequestsAtOnce(options.atOnce ?? REQUESTS_AT_ONCE, registry),
    metrics: parts.metrics,
    origin: options.origin,
    callers: new ServiceCallers(defined({ clock, keys: options.serviceKeys ?? (() => []), operatorToken: options.operatorToken })),
  })
  await guardAll(app, guard)
  loginRoutes(app, sessions)
  characterRoutes(app, { parts, accounts: options.accounts, guard, rules: options.characters })
  placementRoutes(app, parts, guard, options.longPollMs)
  socialRoutes(app, { parts, social: options.social, guard, invitationMs: options.partyInvitationMs })
  lockRoutes(app, parts, guard)
  explainRoutes(app, { parts, social: options.social, guard })
  if (options.studio !== undefined) studioRoutes(app, { parts, studio: options.studio, accounts: options.accounts, guard, names: options.characters.names })
  if (options.economy !== undefined) economyRoutes(app, { parts, economy: options.economy, guard })
  if (options.webhooks !== undefined) webhookRoutes(app, { webhooks: options.webhooks, accounts: options.accounts, guard })
  const moderation = { parts, accounts: options.accounts, guard }
  moderationRoutes(app, moderation)
  privacyRoutes(app, moderation)
  app.get('/openapi.json', { schema: { hide: true } }, () => app.swagger())
  return app
}
