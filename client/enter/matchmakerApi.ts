import type { HoldingsResponse, LetterRequest, LetterResponse, MailResponse } from '../../model/wire/economy.ts'
import type {
  EnterRequest,
  EnterResponse,
  LineResponse,
  LoginRequest,
  LoginResponse,
  MapsResponse,
  PartyResponse,
  TravelResponse,
} from '../../model/wire/matchmaker.ts'
import { fromAnswer, StrataClientError } from '../errors.ts'

/** Longest time for one call, in ms. */
const CALL_TIMEOUT_MS = 10_000
/** Longest time for one call about a place in line, in ms. The matchmaker answers after 10 s at the latest. */
const LINE_TIMEOUT_MS = 20_000

/** The matchmaker's player-facing HTTP API; its answers have the shapes of model/wire/matchmaker.ts. */
export class MatchmakerApi {
  readonly #url: string
  session: string | undefined

  constructor(url: string, session: string | undefined) {
    this.#url = url.replace(/\/$/, '')
    this.session = session
  }

  login(body: LoginRequest, signal?: AbortSignal): Promise<LoginResponse> {
    return this.#call('POST', '/v1/login', { body, signal })
  }
  enter(body: EnterRequest, signal?: AbortSignal): Promise<EnterResponse> {
    return this.#call('POST', '/v1/enter', { body, signal })
  }
  travel(body: EnterRequest, signal?: AbortSignal): Promise<TravelResponse> {
    return this.#call('POST', '/v1/travel', { body, signal })
  }
  /** Waits for the turn, for 10 s at most, and renews the place in line. */
  line(ticket: string, signal?: AbortSignal): Promise<LineResponse> {
    return this.#call('GET', '/v1/line', { headers: { 'x-line-ticket': ticket }, signal, timeoutMs: LINE_TIMEOUT_MS })
  }
  leaveLine(ticket: string): Promise<unknown> {
    return this.#call('DELETE', '/v1/line', { headers: { 'x-line-ticket': ticket } })
  }
  maps(): Promise<MapsResponse> {
    return this.#call('GET', '/v1/maps', {})
  }
  createParty(): Promise<PartyResponse> {
    return this.#call('POST', '/v1/party', {})
  }
  joinParty(party: string): Promise<PartyResponse> {
    return this.#call('POST', '/v1/party/join', { body: { party } })
  }
  leaveParty(): Promise<unknown> {
    return this.#call('DELETE', '/v1/party', {})
  }
  holdings(): Promise<HoldingsResponse> {
    return this.#call('GET', '/v1/holdings', {})
  }
  mail(): Promise<MailResponse> {
    return this.#call('GET', '/v1/mail', {})
  }
  sendMail(key: string, letter: LetterRequest): Promise<LetterResponse> {
    return this.#call('POST', '/v1/mail', { body: letter, headers: { 'idempotency-key': key } })
  }
  deleteMail(key: string, mail: string): Promise<unknown> {
    return this.#call('DELETE', `/v1/mail/${encodeURIComponent(mail)}`, { headers: { 'idempotency-key': key } })
  }
  takeMail(key: string, mail: string): Promise<HoldingsResponse> {
    return this.#call('POST', `/v1/mail/${encodeURIComponent(mail)}/take`, { headers: { 'idempotency-key': key } })
  }

  async #call<T>(
    method: string,
    path: string,
    {
      body,
      headers,
      signal,
      timeoutMs = CALL_TIMEOUT_MS,
    }: { body?: unknown; headers?: Record<string, string>; signal?: AbortSignal | undefined; timeoutMs?: number },
  ): Promise<T> {
    const deadline = withDeadline(timeoutMs, signal)
    let answer: Response
    let parsed: unknown
    try {
      answer = await fetch(this.#url + path, {
        method,
        headers: {
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(this.session === undefined ? {} : { authorization: `Bearer ${this.session}` }),
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
    return parsed as T // the matchmaker validates its answers against these shapes
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
