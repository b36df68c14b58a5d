import type { FastifyRequest } from 'fastify'
import type { Scope } from '../../model/ticket/serviceToken.ts'
import { guarded } from '../../service/callers/guarded.ts'
import { ACTOR_HEADER } from '../../service/callers/serviceCallers.ts'
import type { GuardOptions } from './guard.ts'

const actors = new WeakMap<FastifyRequest, string>()

/** Hook for routes of the studio's programs: the request needs a service token with this scope, or the operator's token. Throws SERVICE_TOKEN, SCOPE_MISSING. */
export function serviceGuard({ callers }: Pick<GuardOptions, 'callers'>, scope: Scope): (request: FastifyRequest) => Promise<void> {
  return guarded(scope, async (request) => {
    actors.set(request, await callers.callerWith(scope, request.headers.authorization, request.headers[ACTOR_HEADER]))
  })
}

/** Who sent the request, for the audit log: the name in the service token, or `operator`. */
export function actorIn(request: FastifyRequest): string {
  const actor = actors.get(request)
  if (actor === undefined) throw new Error(`route ${request.url} reads the caller but has no serviceGuard hook; add it as onRequest`)
  return actor
}
