/** More inputs than this waiting at once is not a player any more (rule X1); a replay after the longest gap of a move is far below. */
export const INPUT_LINE_MAX = 512

/**
 * A player's numbered inputs: each is applied once and in order, over moves too (rule M5). A number at or below the last
 * one is a repetition. A hole is not waited for: the connection keeps order, so what is missing was never sent.
 */
export class InputLine<Input> {
  #applied: number
  #newest: number
  #waiting: { seq: number; input: Input }[] = []

  /** `applied`: the last one that is in the character's state already. */
  constructor(applied: number) {
    this.#applied = applied
    this.#newest = applied
  }

  get applied(): number {
    return this.#applied
  }
  get full(): boolean {
    return this.#waiting.length >= INPUT_LINE_MAX
  }

  /** `false` for a repetition. */
  add(seq: number, input: Input): boolean {
    if (seq <= this.#newest) return false
    this.#newest = seq
    this.#waiting.push({ seq, input })
    return true
  }

  /** Applies all that wait; `true` when there were any. */
  apply(one: (input: Input) => void): boolean {
    if (this.#waiting.length === 0) return false
    const waiting = this.#waiting
    this.#waiting = []
    for (const { seq, input } of waiting) {
      // Counted first: an input that throws is not tried again.
      this.#applied = seq
      one(input)
    }
    return true
  }
}
