import type { Clock } from '../../model/clock.ts'
import { StrataError } from '../../model/errors.ts'

/** More keys than this are not kept: the one not seen for longest starts over with a full bucket. */
const MOST_KEYS = 50_000

/** A token bucket a key: `perSecond` in the long run, twice that in a burst. Bounded, so that many addresses cannot fill the memory. */
export class RateLimit {
  readonly #clock: Clock
  readonly #perSecond: number
  readonly #burst: number
  readonly #buckets = new Map<string, { tokens: number; at: number }>()

  constructor(clock: Clock, perSecond: number) {
    this.#clock = clock
    this.#perSecond = perSecond
    this.#burst = perSecond * 2
  }

  /** Throws TOO_MANY_REQUESTS with the wait. */
  take(key: string): void {
    const now = this.#clock.now()
    const before = this.#buckets.get(key) ?? { tokens: this.#burst, at: now }
    const tokens = Math.min(this.#burst, before.tokens + ((now - before.at) / 1000) * this.#perSecond)
    // Deleted first, so that the key moves to the end of the map.
    this.#buckets.delete(key)
    this.#buckets.set(key, { tokens: tokens >= 1 ? tokens - 1 : tokens, at: now })
    if (this.#buckets.size > MOST_KEYS) for (const oldest of this.#buckets.keys()) return void this.#buckets.delete(oldest)
    if (tokens < 1) throw new StrataError('TOO_MANY_REQUESTS', { seconds: Math.max(1, Math.ceil((1 - tokens) / this.#perSecond)) })
  }
}
