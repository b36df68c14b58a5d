/** Largest weight of one step, so that a wave of polls does not outweigh everything else. */
const MAX_WEIGHT = 5
/** Steps kept. Longer than the longest horizon of the comparison (`waitEstimate.ts`). */
const KEPT_STEPS = 600

/**
 * Counts the estimates given in each step. The share of waits inside the range counts estimates, not seconds: polls arrive in waves, and the line is slower
 * while many clients poll. So each backtest is weighted by the number of clients that got its estimate.
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
    // Steps arrive in order, and a Map keeps insertion order.
    for (const [old, count] of this.#counts) {
      if (old > step - KEPT_STEPS) break
      this.#counts.delete(old)
      this.#sum -= count
      this.#first = old + 1
    }
  }

  /** Weight of the estimates of a step: 1 for the usual number. */
  weight(step: number): number {
    const usual = this.#sum / (this.#last - (this.#first ?? this.#last) + 1)
    return Math.min(MAX_WEIGHT, (this.#counts.get(step) ?? 0) / Math.max(usual, Number.MIN_VALUE))
  }
}
