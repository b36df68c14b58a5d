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
  /** Value of Access-Control-Allow-Origin. Sessions travel in a header, never in a cookie, so `*` gives nothing away. */
  origin: string
  /** For what only operators may see. */
  operatorToken?: string
}

/** Counts requests by address, answers browsers' preflights. */
export function guardAll(app: HttpApp, { perAddress, metrics, origin }: GuardOptions): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.header('access-control-allow-origin', origin)
    if (request.method === 'OPTIONS') {
      return reply
        .headers({
          'access-control-allow-methods': 'GET, POST, DELETE',
          'access-control-allow-headers': 'authorization, content-type, x-line-ticket, idempotency-key',
          'access-control-max-age': '3600',
        })
        .status(204)
        .send()
    }
    if (!request.url.startsWith('/v1/')) return undefined
    limited(
      () => perAddress.take(request.ip),
      () => metrics.limited.inc({ by: 'address' }),
    )
    return undefined
  })
}

/** For routes of players: checks the session before the body is read. */
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

/** The session that `sessionGuard` found. */
export function sessionIn(request: FastifyRequest): Session {
  const session = sessionOf.get(request)
  if (session === undefined) throw new Error(`the route ${request.url} has no session guard`)
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
