import type { DurationMs, Instant } from '../../../model/clock.ts'

/**
 * Share by which the clock of a client may run fast. Quartz clocks differ by less than 0.1 %; timers of browsers that round to whole milliseconds differ by
 * up to 2 % at 50 ms.
 */
const CLOCK_TOLERANCE = 0.02
/** Duration in ms that a client may be ahead at any moment: two steps at 20 Hz, because the step of the client and that of the server do not begin together. */
const AHEAD_MS: DurationMs = 100
/**
 * Longest stall in ms after which inputs that arrive at once still count as honest. TCP repeats a lost packet for about 13 s before common systems report the
 * connection as broken.
 */
export const LONGEST_STALL_MS: DurationMs = 20_000
/**
 * Default of the longest time in ms that late inputs may catch up at once. 99 of 100 stalls of mobile networks are shorter than two seconds; a
 * longer time would let a player who holds packets back jump further.
 */
export const CATCH_UP_MS: DurationMs = 2_000

export interface Granted {
  /** Part of the claim that counts, in ms. */
  grantedMs: DurationMs
  /** Part of the claim that no stall explains, in ms: the client claims more time than has passed. 0 for an honest client. */
  impossibleMs: DurationMs
}

/**
 * How much time a client may claim for its inputs or for the distance of its steps. Time is earned only by passing, and what was not claimed may be claimed
 * later, up to `catchUpMs` at once: late inputs catch up, and the sum of all claims never exceeds the time since the arrival. A second, longer
 * account tells a stall from a lie.
 */
export class TimeBudget {
  readonly #catchUpMs: DurationMs
  #creditMs: DurationMs
  #plausibleMs: DurationMs
  #at: Instant

  /** `earnedMs`: time before `now` that the client could already play, such as the gap of a move. */
  constructor({ now, catchUpMs = CATCH_UP_MS, earnedMs = 0 }: { now: Instant; catchUpMs?: DurationMs; earnedMs?: DurationMs }) {
    this.#catchUpMs = catchUpMs
    this.#creditMs = Math.min(earnedMs, catchUpMs) + AHEAD_MS
    this.#plausibleMs = earnedMs + AHEAD_MS
    this.#at = now
  }

  /**
   * Takes the claim, or as much of it as the time since the arrival allows. `judgedMs`: what counts for `impossibleMs`, if less: after a correction, a client
   * that does not know of it yet claims more than it has moved.
   */
  take(claimedMs: DurationMs, now: Instant, judgedMs = claimedMs): Granted {
    // A clock that was set back gives no time; the time until it has caught up is lost.
    const passed = Math.max(0, now - this.#at) * (1 + CLOCK_TOLERANCE)
    this.#at = Math.max(this.#at, now)
    this.#creditMs = Math.min(this.#catchUpMs + AHEAD_MS, this.#creditMs + passed)
    this.#plausibleMs = Math.min(LONGEST_STALL_MS + AHEAD_MS, this.#plausibleMs + passed)
    const grantedMs = Math.min(claimedMs, this.#creditMs)
    const plausibleMs = Math.min(judgedMs, this.#plausibleMs)
    this.#creditMs -= grantedMs
    this.#plausibleMs -= plausibleMs
    return { grantedMs, impossibleMs: judgedMs - plausibleMs }
  }
}
