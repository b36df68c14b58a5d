import type { DurationMs, Instant } from '../../model/clock.ts'

/** Fewer waits than this teach nothing. */
const LEAST = 30
const MOST = 400
const AGE_MS: DurationMs = 10 * 60_000
/** All who wait see the same seats come free: a thousand of them are one witness, and must not crowd out what was a minute ago. */
const STEP_MS: DurationMs = 5_000
const MOST_A_STEP = 16

/** By how many deviations waits came out longer than predicted, lately. */
export class Residuals {
  #all: { at: Instant; z: number }[] = []
  #sorted: number[] | undefined

  add(z: number, at: Instant): void {
    const sixteenth = this.#all.at(-MOST_A_STEP)
    if (sixteenth !== undefined && at - sixteenth.at < STEP_MS) return
    this.#all.push({ at, z })
    if (this.#all.length > MOST) this.#all.splice(0, this.#all.length - MOST)
    this.#sorted = undefined
  }

  /** In order of size; undefined while there are too few. */
  recent(now: Instant): readonly number[] | undefined {
    const oldest = this.#all[0]
    if (oldest !== undefined && now - oldest.at > AGE_MS) {
      this.#all = this.#all.filter(({ at }) => now - at <= AGE_MS)
      this.#sorted = undefined
    }
    if (this.#all.length < LEAST) return undefined
    this.#sorted ??= this.#all.map(({ z }) => z).sort((a, b) => a - b)
    return this.#sorted
  }
}

/** Of values in order of size. */
export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0
}
