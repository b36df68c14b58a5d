import type { DurationMs, Instant } from '../../model/clock.ts'

const FIRST_MS: DurationMs = 500
const MAX_MS: DurationMs = 10_000

/** What failed lately is tried again ever more slowly; what succeeded is forgotten. */
export class Backoff {
  readonly #failures = new Map<string, { count: number; notBefore: Instant }>()

  mayTry(key: string, now: Instant): boolean {
    return now >= (this.#failures.get(key)?.notBefore ?? 0)
  }
  failed(key: string, now: Instant): void {
    const count = (this.#failures.get(key)?.count ?? 0) + 1
    this.#failures.set(key, { count, notBefore: now + Math.min(MAX_MS, FIRST_MS * 2 ** (count - 1)) })
  }
  succeeded(key: string): void {
    this.#failures.delete(key)
  }
  /** Drops what nobody has asked for in a long time, so that the list does not grow for ever. */
  sweep(now: Instant): void {
    for (const [key, { notBefore }] of this.#failures) if (now - notBefore > 10 * MAX_MS) this.#failures.delete(key)
  }
}
