/** A wave of polls must not outweigh all the rest. */
const MAX_WEIGHT = 5
/** Older steps than those that are compared with what came count no more. */
const KEPT_STEPS = 600

/**
 * In which steps how many ranges were told. Half of all answers shall be too long, and not half of all seconds: polls come in waves, and while many
 * ask at once a line goes slower than before and after. So what came of a moment's forecast counts by how many heard it.
 */
export class AnswerCounts {
  readonly #counts = new Map<number, number>()
  #sum = 0
  #first: number | undefined
  #last = 0

  record(step: number): void {
    this.#counts.set(step, (this.#counts.get(step) ?? 0) + 1)
    this.#sum++
    this.#first ??= step
    this.#last = step
    // Steps come in order, and a map keeps it.
    for (const [old, count] of this.#counts) {
      if (old > step - KEPT_STEPS) break
      this.#counts.delete(old)
      this.#sum -= count
      this.#first = old + 1
    }
  }

  /** 1 for as many as are usual. */
  weight(step: number): number {
    const usual = this.#sum / (this.#last - (this.#first ?? this.#last) + 1)
    return Math.min(MAX_WEIGHT, (this.#counts.get(step) ?? 0) / Math.max(usual, Number.MIN_VALUE))
  }
}
