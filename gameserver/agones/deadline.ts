import { StrataError } from '../../model/errors.ts'

/** The package's calls have no deadlines. What comes too late is not heard; each of them may be repeated. Throws DEPENDENCY_DOWN. */
export async function withDeadline<T>(what: string, ms: number, call: Promise<T>, signal?: AbortSignal): Promise<T> {
  const late = AbortSignal.any([AbortSignal.timeout(ms), ...(signal === undefined ? [] : [signal])])
  let stop = (): void => {}
  const ended = new Promise<never>((_, reject) => {
    stop = () => reject(new StrataError('DEPENDENCY_DOWN', { what }, { cause: late.reason }))
    late.addEventListener('abort', stop, { once: true })
    if (late.aborted) stop()
  })
  // Whichever loses the race must not end the process as an unhandled rejection.
  call.catch(() => {})
  try {
    return await Promise.race([call, ended])
  } finally {
    late.removeEventListener('abort', stop)
  }
}
