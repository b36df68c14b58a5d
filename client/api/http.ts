import { defined } from '../../model/defined.ts'
import type { ErrorCode } from '../../model/errors.ts'
import type { CharacterId } from '../../model/ids.ts'
import { fromAnswer, StrataClientError } from '../errors.ts'
import { retryCall } from '../retry.ts'

/** Longest time for one call, in ms. */
const CALL_TIMEOUT_MS = 10_000
/** Attempts of a request that must take effect once: about half a minute with their pauses. */
const ONCE_ATTEMPTS = 12

/**
 * A session token, or how to get one: called at first and whenever the matchmaker says that the last one is not valid any more. When the function fails, or
 * does not answer in 10 s, it is called again later: the place in line and the world go on meanwhile. To give up, for example because the player has signed out,
 * throw a StrataClientError that is not retryable.
 */
export type SessionSource = string | (() => Promise<string>)

export interface Call {
  body?: unknown
  headers?: Record<string, string>
  signal?: AbortSignal | undefined
  timeoutMs?: number
}

/** Calls of the matchmaker's HTTP API in the name of one account and, once `character` is set, of one character. */
export class MatchmakerHttp {
  readonly url: string
  #source: SessionSource | undefined
  #token: Promise<string> | undefined
  character: CharacterId | undefined
  /** Id of the trace that the calls belong to (W3C Trace Context); a new one with each `enter` and `travel`. */
  traceId = newTraceId()

  constructor(url: string, session: SessionSource | undefined) {
    this.url = url.replace(/\/$/, '')
    this.session = session
  }

  set session(source: SessionSource | undefined) {
    this.#source = source
    this.#token = typeof source === 'string' ? Promise.resolve(source) : undefined
  }

  /** Gets a token now instead of at the first call. */
  async signIn(): Promise<void> {
    await this.#currentToken()
  }

  /** Throws StrataClientError. An expired session is renewed once, if the game said how. */
  async call<T>(method: string, path: string, call: Call = {}): Promise<T> {
    const token = await this.#currentToken(call.signal)
    try {
      return await this.#send<T>(method, path, call, token)
    } catch (error) {
      if (!(error instanceof StrataClientError) || error.code !== 'SESSION_INVALID' || typeof this.#source !== 'function') throw error
      // Calls that failed together renew the session together.
      if ((await this.#token) === token) this.#token = undefined
      return this.#send<T>(method, path, call, await this.#currentToken(call.signal))
    }
  }

  /**
   * Sends a request that must take effect exactly once. Retries use the same idempotency key, so a request whose answer was lost is not carried out twice.
   * Rejects with the last error.
   */
  callOnce<T>(method: string, path: string, body?: unknown): Promise<T> {
    const headers = { 'idempotency-key': crypto.randomUUID() }
    return retryCall(() => this.call<T>(method, path, defined({ headers, body })), ONCE_ATTEMPTS)
  }

  async #currentToken(signal?: AbortSignal): Promise<string | undefined> {
    if (this.#token === undefined && typeof this.#source === 'function') {
      const renewed = renewedBy(this.#source)
      this.#token = renewed
      // A failed renewal is tried again by the next call.
      renewed.catch(() => {
        if (this.#token === renewed) this.#token = undefined
      })
    }
    const token = await this.#token
    signal?.throwIfAborted()
    return token
  }

  async #send<T>(method: string, path: string, { body, headers, signal, timeoutMs = CALL_TIMEOUT_MS }: Call, token: string | undefined): Promise<T> {
    const deadline = withDeadline(timeoutMs, signal)
    let answer: Response
    let parsed: unknown
    try {
      answer = await fetch(this.url + path, {
        method,
        headers: {
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...defined({ 'strata-character': this.character }),
          traceparent: `00-${this.traceId}-${this.traceId.slice(16)}-01`,
          ...headers,
        },
        body: body === undefined ? null : JSON.stringify(body),
        signal: deadline.signal,
      })
      parsed = await answer.json()
    } catch (error) {
      signal?.throwIfAborted()
      throw new StrataClientError('UNREACHABLE', `the matchmaker does not answer (${method} ${path})`, true, { cause: error })
    } finally {
      deadline.clear()
    }
    if (!answer.ok) throw fromAnswer(answer.status, parsed)
    return parsed as T // the matchmaker validates its answers against the shapes in model/wire
  }
}

/** 128 random bits as hexadecimal digits. */
export function newTraceId(): string {
  // Browsers have no `randomUUID` on pages without TLS.
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** A part of the matchmaker's HTTP API. */
export class MatchmakerApi {
  protected readonly http: MatchmakerHttp

  constructor(http: MatchmakerHttp) {
    this.http = http
  }

  /** Undefined when the matchmaker refuses with this code. */
  protected async getUnless<T>(code: ErrorCode, path: string): Promise<T | undefined> {
    return this.http.call<T>('GET', path).catch((error: unknown) => {
      if (error instanceof StrataClientError && error.code === code) return undefined
      throw error
    })
  }
}

/** Calls the game's function. An error that it does not throw as StrataClientError becomes a retryable one. */
async function renewedBy(source: () => Promise<string>): Promise<string> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new StrataClientError('UNREACHABLE', 'the game did not renew the session in time', true)), CALL_TIMEOUT_MS)
  try {
    return await Promise.race([source(), late.promise])
  } catch (error) {
    if (error instanceof StrataClientError) throw error
    throw new StrataClientError('UNREACHABLE', 'the game could not renew the session', true, { cause: error })
  } finally {
    clearTimeout(timer)
  }
}

/** Like `AbortSignal.timeout`, but the timer is cleared when the call ends. `AbortSignal.timeout` would still fire and create an unused error. */
function withDeadline(ms: number, signal: AbortSignal | undefined): { signal: AbortSignal; clear(): void } {
  const controller = new AbortController()
  const abort = (): void => controller.abort()
  const timer = setTimeout(abort, ms)
  if (signal?.aborted === true) abort()
  signal?.addEventListener('abort', abort)
  return {
    signal: controller.signal,
    clear: () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
    },
  }
}
