import { LRUCache } from 'lru-cache'
import type { Clock } from '../../model/clock.ts'
import { StrataError } from '../../model/errors.ts'

/** Most keys kept. Bounds the memory when many addresses send requests; the key unused for longest is dropped and starts again with a full bucket. */
const MAX_KEYS = 50_000

/** Token bucket per key: `perSecond` requests in the long run, twice that in a burst. */
export class RateLimit {
  readonly #clock: Clock
  readonly #perSecond: number
  readonly #burst: number
  readonly #buckets = new LRUCache<string, { tokens: number; at: number }>({ max: MAX_KEYS })

  constructor(clock: Clock, perSecond: number) {
    this.#clock = clock
    this.#perSecond = perSecond
    this.#burst = perSecond * 2
  }

  /** Counts one request. Throws TOO_MANY_REQUESTS with the seconds to wait. */
  take(key: string): void {
    const now = this.#clock.now()
    const before = this.#buckets.get(key) ?? { tokens: this.#burst, at: now }
    const tokens = Math.min(this.#burst, before.tokens + ((now - before.at) / 1000) * this.#perSecond)
    this.#buckets.set(key, { tokens: tokens >= 1 ? tokens - 1 : tokens, at: now })
    if (tokens < 1) throw new StrataError('TOO_MANY_REQUESTS', { seconds: Math.max(1, Math.ceil((1 - tokens) / this.#perSecond)) })
  }
}
