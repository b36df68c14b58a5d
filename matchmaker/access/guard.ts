import cors from '@fastify/cors'
import type { FastifyRequest } from 'fastify'
import type { HttpApp } from '../../service/http.ts'
import type { MatchmakerMetrics } from '../metrics.ts'
import type { RateLimit } from './rateLimit.ts'
import type { Session, Sessions } from './sessions.ts'

const sessionOf = new WeakMap<FastifyRequest, Session>()

export interface GuardOptions {
  sessions: Sessions
  perSession: RateLimit
  perAddress: RateLimit
  metrics: MatchmakerMetrics
  /** Value of Access-Control-Allow-Origin. `*` is safe: the session is sent in a header, never in a cookie. */
  origin: string
  /** Bearer token for operator-only routes. */
  operatorToken?: string
}

/** Adds CORS headers, answers preflight requests and limits requests per address. */
export async function guardAll(app: HttpApp, { perAddress, metrics, origin }: GuardOptions): Promise<void> {
  // Registered before the rate limit, so that preflight requests are answered without being counted.
  await app.register(cors, {
    origin,
    methods: ['GET', 'POST', 'DELETE'],
    allowedHeaders: ['authorization', 'content-type', 'x-line-ticket', 'idempotency-key'],
    maxAge: 3600,
    strictPreflight: false,
  })
  app.addHook('onRequest', async (request) => {
    if (!request.url.startsWith('/v1/')) return
    limited(
      () => perAddress.take(request.ip),
      () => metrics.limited.inc({ by: 'address' }),
    )
  })
}

/** Hook for player routes: verifies the session and applies its rate limit before the body is read. */
export function sessionGuard({ sessions, perSession, metrics }: GuardOptions): (request: FastifyRequest) => Promise<void> {
  return async (request) => {
    const session = await sessions.verify(request.headers.authorization)
    limited(
      () => perSession.take(session.character),
      () => metrics.limited.inc({ by: 'session' }),
    )
    sessionOf.set(request, session)
  }
}

/** The session that `sessionGuard` verified for this request. */
export function sessionIn(request: FastifyRequest): Session {
  const session = sessionOf.get(request)
  if (session === undefined) throw new Error(`route ${request.url} reads a session but has no sessionGuard hook; add it as onRequest`)
  return session
}

function limited(take: () => void, count: () => void): void {
  try {
    take()
  } catch (error) {
    count()
    throw error
  }
}
