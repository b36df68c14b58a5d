import type { DurationMs } from '../../model/clock.ts'

/** The generated client has no deadlines: a half-open connection would be waited on for ever. */
export async function withDeadline<T>(call: Promise<T>, timeoutMs: DurationMs): Promise<T> {
  const timeout = Promise.withResolvers<never>()
  const timer = setTimeout(() => timeout.reject(new Error(`the Kubernetes API did not answer within ${timeoutMs} ms`)), timeoutMs)
  try {
    return await Promise.race([call, timeout.promise])
  } finally {
    clearTimeout(timer)
  }
}

/** The generated client throws ApiException with the HTTP status in `code`. */
export function statusCode(error: unknown): number | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'number' ? error.code : undefined
}
