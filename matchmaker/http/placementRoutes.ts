import type { IncomingHttpHeaders } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { enterRequest, enterResponse, lineResponse, travelRequest, travelResponse } from '../../model/wire/matchmaker.ts'
import { type HttpApp, toStrataError } from '../../service/http.ts'
import { traced } from '../../service/observe/trace.ts'
import { accountGuard, characterGuard, characterNamedIn, type GuardOptions, identityIn, sessionIn } from '../access/guard.ts'
import { type Identity, rankOf } from '../access/sessions.ts'
import { type EnterWish, enter } from '../flows/enter.ts'
import { LONG_POLL_MS, leaveLine, pollLine } from '../flows/pollLine.ts'
import { travel } from '../flows/travel.ts'
import { faultOf } from '../metrics.ts'
import type { Parts } from '../parts.ts'
import { routesFor } from './route.ts'

const lineTicket = z.object({ 'x-line-ticket': z.string().min(1).max(12_000).describe('The line ticket of the last answer.') })

export function placementRoutes(app: HttpApp, parts: Parts, guard: GuardOptions, longPollMs = LONG_POLL_MS): void {
  const route = routesFor(characterGuard(guard), 'session')
  const onError = async (_request: FastifyRequest, _reply: FastifyReply, error: Error): Promise<void> => {
    const { code } = toStrataError(error)
    parts.metrics.placementErrors.inc({ code, fault: faultOf(code) })
  }

  app.post(
    '/v1/enter',
    // The body names the character: it is read before the character is checked.
    { ...routesFor(accountGuard(guard), 'session')('Holds a seat, or gives a place in line.', enterResponse, { body: enterRequest }), onError },
    async (request) => {
      const { character: named = characterNamedIn(request), ...wish } = request.body
      const identity = identityIn(request)
      const character = await guard.ownership.characterOf(identity.account, named)
      return fromClient(request, 'enter', () => enter(parts, character, wishOf(identity, wish)))
    },
  )

  app.post(
    '/v1/travel',
    {
      ...route('Moves the character and the party members in its copy to another copy or map: orders a move, or gives a place in line.', travelResponse, {
        body: travelRequest,
      }),
      onError,
    },
    (request) => {
      const session = sessionIn(request)
      return fromClient(request, 'travel', () => travel(parts, session.character, wishOf(session, request.body)))
    },
  )

  app.get(
    '/v1/line',
    {
      ...route('Waits for the turn, at most ten seconds, and keeps the place for the grace time from now on.', lineResponse, { headers: lineTicket }),
      onError,
    },
    async (request, reply) => {
      const { account, character } = sessionIn(request)
      await guard.bans.refuse(account)
      const options = { waitMs: longPollMs, signal: hangUpSignal(reply) }
      return fromClient(request, 'wait in line', () => pollLine(parts, character, request.headers['x-line-ticket'], options))
    },
  )

  app.delete('/v1/line', route('Gives up the place in line.', z.object({ left: z.literal(true) }), { headers: lineTicket }), async (request) => {
    await leaveLine(parts, sessionIn(request).character, request.headers['x-line-ticket'])
    return { left: true as const }
  })
}

function wishOf(identity: Identity, { class: wished, ...wish }: z.output<typeof travelRequest>): EnterWish {
  return { ...wish, rankIn: (classes) => rankOf(identity, wished, classes) }
}

/** Aborts when the client hangs up. */
function hangUpSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController()
  reply.raw.once('close', () => gone.abort())
  return gone.signal
}

/** Goes on with the trace of the client's header `traceparent`. */
function fromClient<T>(request: { headers: object }, name: string, code: () => Promise<T>): Promise<T> {
  const { traceparent } = request.headers as IncomingHttpHeaders // the type of a route has only the headers that it checks
  return traced(name, { parent: [traceparent].flat()[0] }, code)
}
