import { Webhook } from 'standardwebhooks'
import type { DurationMs, Instant } from '../../model/clock.ts'
import { defined } from '../../model/defined.ts'
import type { WebhookMessage } from '../../store/webhooks/webhooks.ts'

/** Longest wait for an answer, in ms. */
const TIMEOUT_MS: DurationMs = 10_000
/** Longest pause that an endpoint may ask for with `Retry-After`, in ms. */
const MAX_RETRY_AFTER_MS: DurationMs = 3_600_000

/** `refused`: the endpoint is up and does not want this message. */
export type Attempt = { delivered: true } | { delivered: false; problem: string; refused: boolean; retryAfterMs?: DurationMs }

/** The studio's endpoint. The scheme of signatures is that of Standard Webhooks (https://www.standardwebhooks.com), version 1. */
export class Endpoint {
  readonly #url: string
  readonly #signers: readonly Webhook[]

  /** Several secrets sign each message, so that a receiver accepts it before and after a change of its own secret. Throws when a secret is not valid. */
  constructor({ url, secrets }: { url: string; secrets: readonly string[] }) {
    this.#url = url
    this.#signers = secrets.map((secret) => new Webhook(secret))
  }

  /** `now` is the time of this attempt. The id of the message is the same at each attempt. */
  async send({ message, at, type }: Pick<WebhookMessage, 'message' | 'at' | 'type'>, data: object, now: Instant, signal: AbortSignal): Promise<Attempt> {
    const body = JSON.stringify({ type, timestamp: new Date(at).toISOString(), data })
    const headers = {
      'content-type': 'application/json',
      'user-agent': 'strata-webhooks',
      'webhook-id': message,
      'webhook-timestamp': String(Math.floor(now / 1_000)),
      'webhook-signature': this.#signers.map((signer) => signer.sign(message, new Date(now), body)).join(' '),
    }
    try {
      // A redirect is a failure: it would send the message to an address that nobody configured.
      const answer = await fetch(this.#url, {
        method: 'POST',
        headers,
        body,
        redirect: 'manual',
        signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
      })
      await answer.body?.cancel()
      if (answer.ok) return { delivered: true }
      const retryAfterMs = retryAfter(answer.headers.get('retry-after'))
      const refused = answer.status >= 400 && answer.status < 500 && answer.status !== 408 && answer.status !== 429
      return { delivered: false, problem: `the endpoint answered ${answer.status}`, refused, ...defined({ retryAfterMs }) }
    } catch (error) {
      return { delivered: false, problem: problemOf(error), refused: false }
    }
  }
}

function retryAfter(header: string | null): DurationMs | undefined {
  const seconds = Number(header ?? Number.NaN)
  return Number.isFinite(seconds) && seconds >= 0 ? Math.min(MAX_RETRY_AFTER_MS, seconds * 1_000) : undefined
}

/** `fetch` says "fetch failed", and its cause says why. */
function problemOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message || error.cause.name}` : error.message
}
