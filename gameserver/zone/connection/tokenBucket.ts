import type { Instant } from '../../../model/clock.ts'

export interface BucketSize {
  /** Most tokens, which can be taken at once. */
  burst: number
  perSecond: number
}

/** Token bucket: allows a burst, then a sustained rate. */
export class TokenBucket {
  readonly #size: BucketSize
  #left: number
  #at: Instant

  constructor(size: BucketSize, now: Instant) {
    this.#size = size
    this.#left = size.burst
    this.#at = now
  }

  /** Takes `tokens`. Returns `false` and takes nothing when fewer are left. */
  take(now: Instant, tokens = 1): boolean {
    this.#refill(now)
    if (this.#left < tokens) return false
    this.#left -= tokens
    return true
  }

  /** Whether the bucket is full. A full bucket may be dropped, because a new one is full as well. */
  full(now: Instant): boolean {
    this.#refill(now)
    return this.#left >= this.#size.burst
  }

  #refill(now: Instant): void {
    const { burst, perSecond } = this.#size
    this.#left = Math.min(burst, this.#left + (Math.max(0, now - this.#at) * perSecond) / 1000)
    this.#at = now
  }
}
