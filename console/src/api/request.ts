import type { SessionAnswer } from '../../../model/wire/console.ts'

/** A refusal of the server, or a lost connection. `message` says what to do. */
export class RequestError extends Error {
  readonly code: string
  readonly status: number
  readonly retryable: boolean
  constructor(message: string, { code, status, retryable }: { code: string; status: number; retryable: boolean }) {
    super(message)
    this.code = code
    this.status = status
    this.retryable = retryable
  }
}

/** Token of the session, which every change has to send. */
let csrf = ''

export function rememberSession({ person }: SessionAnswer): void {
  csrf = person?.csrf ?? ''
}

export function get<T>(path: string): Promise<T> {
  return request<T>('GET', path)
}

export function post<T>(path: string, body: object): Promise<T> {
  return request<T>('POST', path, body)
}

/** Throws RequestError. The shape of the answer is that of the same release: the page comes from the process that answers. */
export async function request<T>(method: string, path: string, body?: object): Promise<T> {
  const response = await send(method, path, body)
  const answer: unknown = await response.json().catch(() => undefined)
  if (response.ok) return answer as T // described by model/wire
  throw refusal(response.status, answer)
}

/** The response itself, for answers that arrive in parts. Throws RequestError only when nothing answers. */
export async function send(method: string, path: string, body?: object, signal?: AbortSignal): Promise<Response> {
  const headers: Record<string, string> = { 'strata-csrf': csrf, ...(body === undefined ? {} : { 'content-type': 'application/json' }) }
  try {
    return await fetch(path, { method, headers, body: body === undefined ? null : JSON.stringify(body), signal: signal ?? null })
  } catch (error) {
    throw new RequestError('The orchestrator does not answer. The page tries again by itself.', {
      code: error instanceof Error ? error.name : 'UNREACHABLE',
      status: 0,
      retryable: true,
    })
  }
}

export function refusal(status: number, answer: unknown): RequestError {
  const { error } = (typeof answer === 'object' && answer !== null ? answer : {}) as { error?: { code: string; message: string; retryable: boolean } } // model/errors.ts
  return new RequestError(error?.message ?? `The orchestrator answered ${status}.`, {
    code: error?.code ?? 'UNKNOWN',
    status,
    retryable: error?.retryable ?? status >= 500,
  })
}
