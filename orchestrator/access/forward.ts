import type { FastifyReply, FastifyRequest } from 'fastify'
import type { DurationMs } from '../../model/clock.ts'
import { StrataError } from '../../model/errors.ts'
import type { Scope } from '../../model/ticket/serviceToken.ts'
import { ACTOR_HEADER } from '../../service/callers/serviceCallers.ts'
import type { HttpApp } from '../../service/http.ts'
import { type AdminGuard, actorIn } from './adminGuard.ts'

export interface MatchmakerAccess {
  url: string
  operatorToken: string
}

const DEADLINE_MS: DurationMs = 10_000

/** Routes of the matchmaker that the console calls, with the scope that the person needs. */
const forwarded = [
  ['GET', '/v1/explain/:character', 'view'],
  ['GET', '/v1/moderation/players/:id', 'moderation'],
  ['GET', '/v1/moderation/audit', 'moderation'],
  ['POST', '/v1/moderation/ban', 'moderation'],
  ['POST', '/v1/moderation/unban', 'moderation'],
  ['POST', '/v1/moderation/mute', 'moderation'],
  ['POST', '/v1/moderation/unmute', 'moderation'],
  ['POST', '/v1/moderation/kick', 'moderation'],
  ['POST', '/v1/moderation/message', 'moderation'],
  ['POST', '/v1/moderation/announce', 'moderation'],
] as const satisfies readonly [method: string, path: string, scope: Scope][]

/**
 * Passes requests of the console on to a matchmaker. The page may only talk to the orchestrator that served it, and a session of the console means nothing to a
 * matchmaker. The person's name goes along, for the audit log.
 */
export function forwardRoutes(http: HttpApp, guard: AdminGuard, matchmaker: MatchmakerAccess | undefined): void {
  for (const [method, url, scope] of forwarded)
    http.route({
      method,
      url,
      ...guard.for(scope),
      handler: (request, reply) => {
        if (matchmaker === undefined)
          throw new StrataError('SETTING_INVALID', { setting: 'CONSOLE_MATCHMAKER_URL', problem: 'it and OPERATOR_TOKEN are missing at the orchestrator' })
        return forward(matchmaker, request, reply)
      },
    })
}

async function forward({ url, operatorToken }: MatchmakerAccess, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const body = request.method === 'GET' ? {} : { body: bodyOf(request), headers: { 'content-type': 'application/json' } }
  const answer = await fetch(`${url}${request.url}`, {
    method: request.method,
    ...body,
    headers: { ...body.headers, authorization: `Bearer ${operatorToken}`, [ACTOR_HEADER]: encodeURIComponent(actorIn(request)) },
    signal: AbortSignal.timeout(DEADLINE_MS),
    redirect: 'error',
  }).catch((error: unknown) => {
    throw new StrataError('DEPENDENCY_DOWN', { what: 'The matchmaker' }, { cause: error })
  })
  return reply
    .status(answer.status)
    .type(answer.headers.get('content-type') ?? 'application/json')
    .send(await answer.text())
}

/** Throws BAD_REQUEST for a body that is nested too deeply to be written again. */
function bodyOf({ body }: FastifyRequest): string {
  try {
    return JSON.stringify(body)
  } catch (error) {
    throw new StrataError('BAD_REQUEST', { problem: 'the body is nested too deeply' }, { cause: error })
  }
}
