import type { DurationMs } from '../../model/clock.ts'

/** Mean lateness of steps, as a share of a step, from which a room is strained, and below which it is at ease again. */
const STRAINED_FROM = 0.2
const AT_EASE_BELOW = 0.08

/**
 * Is this room short of CPU? Steps come late then, whether its own process is busy, its neighbours on the node are, or a
 * limit of the container throttles it. Pictures are the one thing that can be had more cheaply: what cannot wait (inputs,
 * moves, chat) is what players feel.
 */
export class Strain {
  readonly #stepMs: DurationMs
  #last: number | undefined
  /** Smoothed over a second of steps. */
  #lateMs = 0
  #strained = false

  constructor(tickRate: number) {
    this.#stepMs = 1000 / tickRate
  }

  get strained(): boolean {
    return this.#strained
  }

  /** At each step; `nowMs` from a monotonic clock. Steps that make up for late ones follow at once, and are not late. */
  step(nowMs: number): void {
    const late = this.#last === undefined ? 0 : Math.max(0, nowMs - this.#last - this.#stepMs)
    this.#last = nowMs
    this.#lateMs += (late - this.#lateMs) * (this.#stepMs / 1000)
    const share = this.#lateMs / this.#stepMs
    this.#strained = share >= (this.#strained ? AT_EASE_BELOW : STRAINED_FROM)
  }
}
