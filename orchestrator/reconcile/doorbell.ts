import type { DurationMs } from '../../model/clock.ts'

/** Wakes the loop: the first ring counts, and what rings within its delay is one with it. */
export class Doorbell {
  #due = Number.POSITIVE_INFINITY
  #wake: (() => void) | undefined

  ring(delayMs: DurationMs): void {
    const due = performance.now() + delayMs
    if (due >= this.#due) return
    this.#due = due
    this.#wake?.()
  }

  /** Resolves when a ring is due, or after `maxMs`, or when the signal aborts. */
  async wait(maxMs: DurationMs, signal: AbortSignal): Promise<void> {
    const latest = performance.now() + maxMs
    while (!signal.aborted) {
      const left = Math.min(this.#due, latest) - performance.now()
      if (left <= 0) break
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left)
        this.#wake = () => {
          clearTimeout(timer)
          resolve()
        }
        signal.addEventListener('abort', this.#wake, { once: true })
      })
      if (this.#wake !== undefined) signal.removeEventListener('abort', this.#wake)
      this.#wake = undefined
    }
    this.#due = Number.POSITIVE_INFINITY
  }
}
