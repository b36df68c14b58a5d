/** Milliseconds since 1970-01-01T00:00Z. */
export type Instant = number
/** Milliseconds. */
export type DurationMs = number
export const DAY_MS: DurationMs = 86_400_000

/** The domain never reads the time itself: whoever calls it passes an instant, or one of these. */
export interface Clock {
  now(): Instant
}

/** A clock that moves only when told to: for tests and the simulator. */
export class VirtualClock implements Clock {
  #now: Instant
  constructor(start: Instant = 0) {
    this.#now = start
  }
  now(): Instant {
    return this.#now
  }
  advance(ms: DurationMs): void {
    this.#now += ms
  }
  set(now: Instant): void {
    this.#now = now
  }
}
