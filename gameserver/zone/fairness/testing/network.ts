import type { DurationMs, Instant } from '../../../../model/clock.ts'
import type { Random } from '../../../../model/random.ts'

/** Delay of one way in ms, and by how much it varies in both directions. */
const DELAY_MS: DurationMs = 200
const JITTER_MS: DurationMs = 80
/** Share of the seconds in which the connection stalls, and the longest stall in ms. */
const STALLED_SHARE = 0.02
const STALL_MS: DurationMs = 4_000

/** One direction of a bad connection: it delays what is sent, keeps its order as TCP does, and stalls now and then. The same seed gives the same delays. */
export class BadLine {
  readonly #random: Random
  #stalledUntil: Instant = 0
  #second = -1
  #last: Instant = 0

  constructor(random: Random) {
    this.#random = random
  }

  /** When a message that is sent now arrives. */
  arrival(now: Instant): Instant {
    const second = Math.floor(now / 1000)
    if (second !== this.#second && this.#random() < STALLED_SHARE) this.#stalledUntil = now + this.#random() * STALL_MS
    this.#second = second
    const delay = DELAY_MS + (this.#random() * 2 - 1) * JITTER_MS
    this.#last = Math.max(this.#last, now + delay, this.#stalledUntil + delay)
    return this.#last
  }
}
