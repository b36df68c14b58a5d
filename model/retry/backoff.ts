import type { DurationMs } from '../clock.ts'
import type { Random } from '../random.ts'

export interface BackoffTimes {
  /** Delay after the first failure. */
  readonly firstMs: DurationMs
  /** Longest delay, however many failures there were. */
  readonly maxMs: DurationMs
}

/**
 * Delay in ms before the next attempt, after `failures` failures in a row (1 or more). It doubles with each failure up to `maxMs`. With `random`, the
 * delay is drawn between half of that and all of it ("equal jitter": Marc Brooker, AWS Architecture Blog, 2015), so that many processes which failed
 * together do not retry together. Without `random` it is the full delay, for callers that must be deterministic.
 */
export function backoffMs({ firstMs, maxMs }: BackoffTimes, failures: number, random?: Random): DurationMs {
  const fullMs = Math.min(maxMs, firstMs * 2 ** Math.min(Math.max(failures, 1) - 1, 30))
  return random === undefined ? fullMs : fullMs * (0.5 + random() / 2)
}
