import { setTimeout as pause } from 'node:timers/promises'
import type { BackoffTimes } from '../../../model/retry/backoff.ts'
import { retry } from '../../../model/retry/retry.ts'
import type { Logger } from '../../../service/log.ts'

/** Attempts for writes that the periodic audit repeats when they fail. */
export const ATTEMPTS = 4
/**
 * Attempts for writes that nothing else repeats: the final save and the removal of presence when a character leaves. At 2 s per attempt they outlast
 * an outage of half an hour.
 */
export const LEAVE_ATTEMPTS = 1_000
/** Delays in ms between attempts; short at first, because most failures are a single lost connection. */
const DEFAULT_TIMES: BackoffTimes = { firstMs: 200, maxMs: 2_000 }

interface RetryWithLogOptions {
  log: Logger
  /** Describes the work in the log: "saving a character". */
  what: string
  attempts: number
  times?: BackoffTimes
}

/** Repeats idempotent work with back-off and logs each failure. Throws the last error after `attempts` attempts. */
export function retryWithLog<T>(work: () => Promise<T>, { log, what, attempts, times = DEFAULT_TIMES }: RetryWithLogOptions): Promise<T> {
  const mayRetry = (error: unknown, failures: number): boolean => {
    if (failures >= attempts) return false
    log.warn({ err: error, failures }, `${what} failed; trying again`)
    return true
  }
  return retry(work, { times, mayRetry, pause })
}
