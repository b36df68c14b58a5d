import type { DurationMs, Instant } from '../../model/clock.ts'
import { backoffMs } from '../../model/retry/backoff.ts'

const RETRY_TIMES = { firstMs: 500, maxMs: 10_000 }
/** Failures older than this are dropped, so that the map does not grow. */
const KEPT_MS: DurationMs = 10 * RETRY_TIMES.maxMs

/** One back-off per key, for actions that a later round tries again. */
export class KeyedBackoff {
  readonly #failures = new Map<string, { count: number; notBefore: Instant }>()

  mayTry(key: string, now: Instant): boolean {
    return now >= (this.#failures.get(key)?.notBefore ?? 0)
  }
  failed(key: string, now: Instant): void {
    const count = (this.#failures.get(key)?.count ?? 0) + 1
    this.#failures.set(key, { count, notBefore: now + backoffMs(RETRY_TIMES, count) })
  }
  succeeded(key: string): void {
    this.#failures.delete(key)
  }
  /** Drops old failures. */
  sweep(now: Instant): void {
    for (const [key, { notBefore }] of this.#failures) if (now - notBefore > KEPT_MS) this.#failures.delete(key)
  }
}
