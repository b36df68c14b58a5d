import type { z } from 'zod'
import { catalogue, type ErrorCode, StrataError } from '../model/errors.ts'
import { errorResponse } from '../model/wire/matchmaker.ts'
import { type Service, unreachable } from './service.ts'

/** Longest time for one request, in ms. Short, because a person waits for the answer. */
const DEADLINE_MS = 5_000

export interface CliRequest<T> {
  path: string
  answer: z.ZodType<T>
  /** JSON body. With a body the request is a POST, otherwise a GET. */
  body?: unknown
  token?: string | undefined
  headers?: Record<string, string>
  signal: AbortSignal
  /** Longest time for this request, in ms; 5 s by default, because a person waits for the answer. */
  deadlineMs?: number
}

/** Sends a request to a service. Throws the service's own error, or SERVICE_UNREACHABLE with a hint what to do. */
export async function ask<T>(service: Service, { path, answer, body, token, headers = {}, signal, deadlineMs = DEADLINE_MS }: CliRequest<T>): Promise<T> {
  const deadline = AbortSignal.timeout(deadlineMs)
  let response: Response
  let text: string
  try {
    response = await fetch(`${service.url}${path}`, {
      headers: {
        ...headers,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
      signal: AbortSignal.any([signal, deadline]),
    })
    text = await response.text()
  } catch (error) {
    signal.throwIfAborted()
    throw unreachable(service, deadline.aborted ? `no answer within ${deadlineMs / 1000} s` : networkProblem(error), error)
  }
  const value = jsonOf(text)
  const refused = refusal(value)
  // Every path here exists in Strata, so a service that does not know it is another program.
  if (refused?.code === 'NOT_FOUND' && refused.details['path'] === path) throw unreachable(service, `the service there does not know ${path}`)
  if (!response.ok) throw refused ?? unreachable(service, `it answered with status ${response.status} and no error code`)
  const parsed = answer.safeParse(value)
  if (!parsed.success) throw unreachable(service, 'another program or another version of Strata listens there', parsed.error)
  return parsed.data
}

/** The error in the body of an answer; undefined when there is none. */
export function refusalIn(text: string): StrataError | undefined {
  return refusal(jsonOf(text))
}

function refusal(value: unknown): StrataError | undefined {
  const parsed = errorResponse.safeParse(value)
  if (!parsed.success) return undefined
  const { code, details, message } = parsed.data.error
  return isCode(code) ? new StrataError(code, details) : new StrataError('INTERNAL', { problem: `${code}: ${message}` })
}

function isCode(code: string): code is ErrorCode {
  return code in catalogue
}

function networkProblem(error: unknown): string {
  const cause: unknown = error instanceof Error ? error.cause : undefined
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined
  if (code === 'ECONNREFUSED') return 'nothing listens there'
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'the host name is unknown'
  return cause instanceof Error ? cause.message : String(error)
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
