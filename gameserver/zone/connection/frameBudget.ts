import type { Instant } from '../../../model/clock.ts'

/** Sustained rate of frames per second that a client may send. */
export const FRAMES_PER_SECOND = 60
/** Frames that a client may send at once. A server that stalled reads all frames of the stall in one burst. */
export const FRAME_BURST = 240

/** Token bucket that limits the frames of one client. */
export class FrameBudget {
  #left = FRAME_BURST
  #at: Instant

  constructor(now: Instant) {
    this.#at = now
  }

  /** Takes one frame from the budget; returns `false` when it is used up (rule X1). */
  take(now: Instant): boolean {
    this.#left = Math.min(FRAME_BURST, this.#left + (Math.max(0, now - this.#at) * FRAMES_PER_SECOND) / 1000)
    this.#at = now
    if (this.#left < 1) return false
    this.#left -= 1
    return true
  }
}
