import cors from '@fastify/cors'
import type { FastifyRequest } from 'fastify'
import { StrataError } from '../../model/errors.ts'
import type { CharacterId } from '../../model/ids.ts'
import { guarded } from '../../service/callers/guarded.ts'
import type { ServiceCallers } from '../../service/callers/serviceCallers.ts'
import type { HttpApp } from '../../service/http.ts'
import type { MatchmakerMetrics } from '../metrics.ts'
import type { Bans } from './bans.ts'
import type { Ownership } from './ownership.ts'
import type { RateLimit } from './rateLimit.ts'
import type { RequestsAtOnce } from './requestsAtOnce.ts'
import type { Identity, Sessions } from './sessions.ts'

/** Header that names the character which a request is about; an account with one character need not send it. */
export const CHARACTER_HEADER = 'strata-character'
/** Longest id of a character that a header may name. */
const MAX_ID_LENGTH = 64

/** The authenticated player: an account, and the character that plays. */
export interface Session extends Identity {
  character: CharacterId
}

const identityOf = new WeakMap<FastifyRequest, Identity>()
const characterOf = new WeakMap<FastifyRequest, CharacterId>()

export interface GuardOptions {
  sessions: Sessions
  ownership: Ownership
  bans: Bans
  perSession: RateLimit
  perAddress: RateLimit
  atOnce: RequestsAtOnce
  metrics: MatchmakerMetrics
  /** Value of Access-Control-Allow-Origin. `*` is safe: the session is sent in a header, never in a cookie. */
  origin: string
  /** Who calls the routes that are not for players. */
  callers: ServiceCallers
}

/**
 * Adds CORS headers, answers preflight requests, and limits the requests of an address that carry no session known to be valid. A player with a session
 * is limited by the account alone: many players share an address.
 */
export async function guardAll(app: HttpApp, { sessions, perAddress, atOnce, metrics, origin }: GuardOptions): Promise<void> {
  // Registered before the rate limit, so that preflight requests are answered without being counted.
  await app.register(cors, {
    origin,
    methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowedHeaders: ['authorization', 'content-type', 'x-line-ticket', 'idempotency-key', 'traceparent', CHARACTER_HEADER],
    maxAge: 3600,
    strictPreflight: false,
  })
  // The first hook that counts: under overload a refusal must be cheaper than everything else.
  app.addHook('onRequest', async ({ method, url, headers, routeOptions }, reply) => {
    if (!url.startsWith('/v1/') || WAITING_ROUTES.has(`${method} ${routeOptions.url}`)) return
    limited(
      () => reply.raw.once('close', atOnce.begin(sessions.isVerified(headers.authorization) ? headers.authorization : undefined)),
      () => metrics.limited.inc({ by: 'load' }),
    )
  })
  app.addHook('onRequest', async (request) => {
    if (!request.url.startsWith('/v1/') || sessions.isVerified(request.headers.authorization)) return
    // Two buckets: a flood of requests without a token does not keep players of the same address (a school, a carrier's NAT) from signing in.
    const bucket = request.headers.authorization === undefined ? request.ip : `${request.ip} with a token`
    limited(
      () => perAddress.take(bucket),
      () => metrics.limited.inc({ by: 'address' }),
    )
  })
}

/** Routes that wait by design, for seconds or minutes, while they cost next to nothing. They have limits of their own. */
const WAITING_ROUTES = new Set(['GET /v1/line', 'POST /v1/studio/import'])

/** Hook for routes of the development login, which nobody may call while that login is off. Throws LOGIN_DISABLED. */
export function developmentGuard(sessions: Pick<Sessions, 'mayIssue'>): (request: FastifyRequest) => Promise<void> {
  return guarded('development', async () => void sessions.mayIssue())
}

/** Hook for routes of an account: verifies the session and applies its rate limit before the body is read. */
export function accountGuard({ sessions, perSession, metrics }: GuardOptions): (request: FastifyRequest) => Promise<void> {
  return guarded('account', async (request) => {
    const identity = await sessions.verify(request.headers.authorization)
    limited(
      () => perSession.take(identity.account),
      () => metrics.limited.inc({ by: 'session' }),
    )
    identityOf.set(request, identity)
  })
}

/** Hook for routes of a character: an account's hook that also checks whether the character of the header belongs to the account. */
export function characterGuard(options: GuardOptions): (request: FastifyRequest) => Promise<void> {
  const account = accountGuard(options)
  return guarded('character', async (request) => {
    await account(request)
    characterOf.set(request, await options.ownership.characterOf(identityIn(request).account, characterNamedIn(request)))
  })
}

/** The account that a guard verified for this request. */
export function identityIn(request: FastifyRequest): Identity {
  const identity = identityOf.get(request)
  if (identity === undefined) throw new Error(`route ${request.url} reads a session but has no guard; add accountGuard or characterGuard as onRequest`)
  return identity
}

/** The session that `characterGuard` verified for this request. */
export function sessionIn(request: FastifyRequest): Session {
  const character = characterOf.get(request)
  if (character === undefined) throw new Error(`route ${request.url} reads a character but has no characterGuard hook; add it as onRequest`)
  return { ...identityIn(request), character }
}

/** The character that the request's header names. Throws BAD_REQUEST. */
export function characterNamedIn(request: FastifyRequest): CharacterId | undefined {
  const named = request.headers[CHARACTER_HEADER]
  if (named === undefined) return undefined
  if (typeof named !== 'string' || named === '' || named.length > MAX_ID_LENGTH)
    throw new StrataError('BAD_REQUEST', { problem: `header ${CHARACTER_HEADER}: send one id of at most ${MAX_ID_LENGTH} characters` })
  return named
}

function limited(take: () => void, count: () => void): void {
  try {
    take()
  } catch (error) {
    count()
    throw error
  }
}
