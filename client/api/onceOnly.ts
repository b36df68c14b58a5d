import { retryCall } from '../retry.ts'

/** Attempts of one request: about half a minute with their pauses. */
const ATTEMPTS = 12

/**
 * Sends a request that must take effect exactly once. Retries use the same idempotency key, so a request whose answer was lost is not
 * carried out twice. Rejects with the last error.
 */
export function onceOnly<T>(request: (key: string) => Promise<T>): Promise<T> {
  const key = crypto.randomUUID()
  return retryCall(() => request(key), ATTEMPTS)
}
