import type { Instant } from '../../../model/clock.ts'

/** Frames a second that a client may send over time, and at once: a server that stalled for a moment finds a burst waiting. */
export const FRAMES_PER_SECOND = 60
export const FRAME_BURST = 240

/** A bucket of frames for one client. */
export class FrameBudget {
  #left = FRAME_BURST
  #at: Instant

  constructor(now: Instant) {
    this.#at = now
  }

  /** `false`: too many (rule X1). */
  take(now: Instant): boolean {
    this.#left = Math.min(FRAME_BURST, this.#left + (Math.max(0, now - this.#at) * FRAMES_PER_SECOND) / 1000)
    this.#at = now
    if (this.#left < 1) return false
    this.#left -= 1
    return true
  }
}
