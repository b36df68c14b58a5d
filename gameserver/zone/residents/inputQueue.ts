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
  readonly #waiting: { seq: number; input: Input }[] = []
  /** Number of the waiting inputs that were applied already. */
  #done = 0

  /** `applied`: number of the last input that the character's state already contains. */
  constructor(applied: number) {
    this.#applied = applied
    this.#newest = applied
  }

  get applied(): number {
    return this.#applied
  }
  get full(): boolean {
    return this.#waiting.length - this.#done >= INPUT_QUEUE_MAX
  }

  /** Returns `false` for a repetition. */
  add(seq: number, input: Input): boolean {
    if (seq <= this.#newest) return false
    this.#newest = seq
    this.#waiting.push({ seq, input })
    return true
  }

  get empty(): boolean {
    return this.#waiting.length === 0
  }

  /** Applies all waiting inputs. When one throws, it counts as applied, and those behind it wait for the next call. */
  apply(one: (input: Input) => void): void {
    try {
      for (let next = this.#waiting[this.#done]; next !== undefined; next = this.#waiting[this.#done]) {
        this.#done++
        this.#applied = next.seq
        one(next.input)
      }
    } finally {
      if (this.#done === this.#waiting.length) {
        this.#waiting.length = 0
        this.#done = 0
      }
    }
  }
}
