/** Milliseconds since 1970-01-01T00:00Z. */
export type Instant = number
/** Milliseconds. */
export type DurationMs = number
export const DAY_MS: DurationMs = 86_400_000

/** Source of the current time. model/ and the pure functions never read the system clock: the caller passes an instant or a `Clock`. */
export interface Clock {
  now(): Instant
}

/** A clock that changes only by `advance` and `set`. For tests and the simulator. */
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
