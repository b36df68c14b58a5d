import { defined } from '../../model/defined.ts'
import { retryCall } from '../retry.ts'
import type { MatchmakerHttp } from './http.ts'

/** Attempts of one request: about half a minute with their pauses. */
const ATTEMPTS = 12

/**
 * Sends a request that must take effect exactly once. Retries use the same idempotency key, so a request whose answer was lost is not
 * carried out twice. Rejects with the last error.
 */
export function onceOnly<T>(http: MatchmakerHttp, method: string, path: string, body?: unknown): Promise<T> {
  const key = crypto.randomUUID()
  return retryCall(() => http.call<T>(method, path, { headers: { 'idempotency-key': key }, ...defined({ body }) }), ATTEMPTS)
}
