import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { errorResponse } from '../../model/wire/matchmaker.ts'

/** Response schemas of every route for errors. The codes are those of `model/errors.ts`. */
export const failures = { '4xx': errorResponse, '5xx': errorResponse }
export const done = z.object({ done: z.literal(true) })
export const deleted = z.object({ deleted: z.literal(true) })

/** The parts of a request that a route checks. */
type Checked = Partial<Record<'params' | 'querystring' | 'headers' | 'body', z.ZodType>>

/** Makes the options of routes behind this guard. `callers`: who may call them, as the OpenAPI description names them. */
export function routesFor(onRequest: (request: FastifyRequest) => Promise<void>, ...callers: ('session' | 'service' | 'operator')[]) {
  const security = callers.map((caller) => ({ [caller]: [] }))
  return <Answer extends z.ZodType, Request extends Checked>(summary: string, answer: Answer, request: Request = {} as Request) => ({
    onRequest,
    schema: { summary, security, ...request, response: { 200: answer, ...failures } },
  })
}
