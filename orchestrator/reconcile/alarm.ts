import type { DurationMs } from '../../model/clock.ts'

/** Ends the wait of one loop early. Several wake-ups before the wait ends count as one, at the earliest of their times. */
export class Alarm {
  #due = Number.POSITIVE_INFINITY
  #wake: (() => void) | undefined

  wakeWithin(delayMs: DurationMs): void {
    const due = performance.now() + delayMs
    if (due >= this.#due) return
    this.#due = due
    this.#wake?.()
  }

  /** Resolves when a wake-up is due, after `maxMs`, or when the signal aborts. A wake-up from before the call counts. */
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
