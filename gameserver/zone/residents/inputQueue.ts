import { INPUT_BURST } from '../connection/frameBudget.ts'

/** Limit of inputs waiting for one player (rule X1). The frame budget admits no more at once. */
export const INPUT_QUEUE_MAX = INPUT_BURST + 1

/**
 * A player's numbered inputs. Each is applied once and in order, also across moves (rule M5). A number at or below the newest one is a repetition and
 * is dropped. The queue does not wait for a missing number: the connection keeps the order, so the client never sent it.
 */
export class InputQueue<Input> {
  #applied: number
  #newest: number
  #waiting: { seq: number; input: Input }[] = []

  /** `applied`: number of the last input that the character's state already contains. */
  constructor(applied: number) {
    this.#applied = applied
    this.#newest = applied
  }

  get applied(): number {
    return this.#applied
  }
  get full(): boolean {
    return this.#waiting.length >= INPUT_QUEUE_MAX
  }

  /** Returns `false` for a repetition. */
  add(seq: number, input: Input): boolean {
    if (seq <= this.#newest) return false
    this.#newest = seq
    this.#waiting.push({ seq, input })
    return true
  }

  /** Applies all waiting inputs; returns `true` when there were any. */
  apply(one: (input: Input) => void): boolean {
    if (this.#waiting.length === 0) return false
    const waiting = this.#waiting
    this.#waiting = []
    for (const { seq, input } of waiting) {
      // Count the input before applying it, so that an input that throws is not applied again.
      this.#applied = seq
      one(input)
    }
    return true
  }
}
