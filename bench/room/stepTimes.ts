import { quantile, rounded } from '../report.ts'

/** Durations of the steps of one room since the last report. */
export class StepTimes {
  #times: number[] = []

  measure<T>(step: () => T): T {
    const began = performance.now()
    const result = step()
    this.#times.push(performance.now() - began)
    return result
  }

  /** In ms. The next report begins with the next step. */
  report(): StepReport {
    const sorted = this.#times.sort((a, b) => a - b)
    this.#times = []
    return { steps: sorted.length, p50: rounded(quantile(sorted, 0.5)), p99: rounded(quantile(sorted, 0.99)), max: rounded(quantile(sorted, 1)) }
  }
}

export interface StepReport {
  steps: number
  p50: number
  p99: number
  max: number
}
