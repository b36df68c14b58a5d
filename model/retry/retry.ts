import type { DurationMs } from '../clock.ts'
import type { Random } from '../random.ts'
import { type BackoffTimes, backoffMs } from './backoff.ts'

export interface RetryOptions {
  times: BackoffTimes
  /** Whether to try again after this error; `failures` counts from 1. Otherwise the error is thrown. */
  mayRetry(error: unknown, failures: number): boolean
  /** Waits for `ms` milliseconds. Resolves early when the caller stops; the next `mayRetry` then returns false. */
  pause(ms: DurationMs): Promise<unknown>
  random?: Random
}

/** Calls `attempt` until it succeeds or `mayRetry` says no, and waits with back-off in between. Throws the last error. */
export async function retry<Result>(attempt: () => Promise<Result>, { times, mayRetry, pause, random }: RetryOptions): Promise<Result> {
  for (let failures = 1; ; failures++) {
    try {
      return await attempt()
    } catch (error) {
      if (!mayRetry(error, failures)) throw error
      await pause(backoffMs(times, failures, random))
    }
  }
}
