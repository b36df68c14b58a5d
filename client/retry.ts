import { retry } from '../model/retry/retry.ts'
import { StrataClientError } from './errors.ts'

/** Pauses between attempts, in ms, with jitter. */
export const retryTimes = { firstMs: 400, maxMs: 3_000 }

/** Calls `attempt` until it succeeds, at most `attempts` times, as long as its errors are retryable. Throws the last error, or the abort reason of `signal`. */
export function retryCall<T>(attempt: () => Promise<T>, attempts: number, signal?: AbortSignal): Promise<T> {
  return retry(attempt, {
    times: retryTimes,
    mayRetry(error, failures) {
      signal?.throwIfAborted()
      return error instanceof StrataClientError && error.retryable && failures < attempts
    },
    pause: (ms) => pause(ms, signal),
    random: Math.random,
  })
}

/** Waits for `ms`, or until `signal` aborts. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) return resolve()
    const done = (): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal?.addEventListener('abort', done)
  })
}
