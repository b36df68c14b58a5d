import type { DurationMs } from '../../model/clock.ts'
import type { Random } from '../../model/random.ts'

/** "Full jitter" (Marc Brooker, AWS Architecture Blog, 2015): evenly between 0 and the doubled, capped step, so that many clients do not return together. */
export function backoffMs(attempt: number, random: Random, firstMs: DurationMs = 200, maxMs: DurationMs = 15_000): DurationMs {
  return random() * Math.min(maxMs, firstMs * 2 ** Math.min(attempt, 30))
}
