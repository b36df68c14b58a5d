import type { DurationMs } from '../../model/clock.ts'

/**
 * Mean lateness of steps, as a share of the step interval, from which a room counts as overloaded, and below which it counts as recovered. Two
 * limits, so that a room near one of them does not switch back and forth.
 */
const OVERLOADED_FROM = 0.2
const RECOVERED_BELOW = 0.08

/**
 * Detects from late simulation steps that a room is short of CPU, because its own process or its node is busy or a container limit throttles it. The
 * room then sends snapshots at half the rate, because players notice late inputs, moves and chat more.
 */
export class OverloadDetector {
  readonly #stepMs: DurationMs
  #last: number | undefined
  /** Exponential moving average in ms, over about one second. */
  #lateMs = 0
  #overloaded = false

  constructor(tickRate: number) {
    this.#stepMs = 1000 / tickRate
  }

  get overloaded(): boolean {
    return this.#overloaded
  }

  /** Call at each step, with `nowMs` from a monotonic clock. Catch-up steps that follow a late step at once do not count as late. */
  step(nowMs: number): void {
    const late = this.#last === undefined ? 0 : Math.max(0, nowMs - this.#last - this.#stepMs)
    this.#last = nowMs
    this.#lateMs += (late - this.#lateMs) * (this.#stepMs / 1000)
    const share = this.#lateMs / this.#stepMs
    this.#overloaded = share >= (this.#overloaded ? RECOVERED_BELOW : OVERLOADED_FROM)
  }
}
