const FIRST_MS = 200
const MAX_MS = 3_000

/** Doubling with jitter, at most 3 s. Randomness of a client's own need not be reproducible. */
function retryDelayMs(attempt: number): number {
  return Math.min(MAX_MS, FIRST_MS * 2 ** Math.min(attempt, 10)) * (0.5 + Math.random() / 2)
}

/** Waits before the next attempt, or until aborted. */
export function pauseBefore(attempt: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) return resolve()
    const done = (): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, retryDelayMs(attempt))
    signal?.addEventListener('abort', done)
  })
}
