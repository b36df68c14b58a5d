/** Time in ms in which a small difference between the shown and the wanted time is made up. */
const SETTLE_MS = 1_000
/** Slowest and fastest pace of the shown time, as a share of real time. A quarter more or less is hardly noticed for the second that it lasts. */
const PACE = { min: 0.8, max: 1.25 } as const
/** Above this difference in ms the shown time jumps: the page was hidden, or the connection was gone for longer than anybody would watch. */
const JUMP_MS = 2_000

/** A time that follows another one without steps: it goes a little faster or slower until both agree, and never backwards. All times in ms. */
export class PacedTime {
  #at = Number.NaN
  #now = Number.NaN

  get at(): number {
    return this.#at
  }

  /** Moves on to `nowMs`, towards `wanted`, but not beyond `limit`. Returns the new time. */
  follow(wanted: number, nowMs: number, limit = Number.POSITIVE_INFINITY): number {
    const elapsed = nowMs - this.#now
    if (elapsed <= 0) return this.#at
    this.#now = nowMs
    const pace = Math.max(PACE.min, Math.min(PACE.max, 1 + (wanted - this.#at) / SETTLE_MS))
    const next = this.#at + elapsed * pace
    // Also when nothing was shown yet.
    if (!(wanted - next <= JUMP_MS)) this.#at = Math.min(wanted, limit)
    else this.#at = Math.max(this.#at, Math.min(next, limit))
    return this.#at
  }

  /** Starts again at the next wanted time. */
  restart(): void {
    this.#at = Number.NaN
    this.#now = Number.NaN
  }
}
