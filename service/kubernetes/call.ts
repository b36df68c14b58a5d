import type { DurationMs } from '../../model/clock.ts'

/** Rejects when `call` takes longer than `timeoutMs`. The generated client has no timeout: without this, a half-open connection would never end. */
export async function withDeadline<T>(call: Promise<T>, timeoutMs: DurationMs): Promise<T> {
  const timeout = Promise.withResolvers<never>()
  const timer = setTimeout(() => timeout.reject(new Error(`the Kubernetes API did not answer within ${timeoutMs} ms`)), timeoutMs)
  try {
    return await Promise.race([call, timeout.promise])
  } finally {
    clearTimeout(timer)
  }
}

/** HTTP status of an error of the generated client (`ApiException.code`); undefined for other errors. */
export function statusCode(error: unknown): number | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'number' ? error.code : undefined
}
