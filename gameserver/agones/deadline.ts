import { StrataError } from '../../model/errors.ts'

/** Adds a deadline to a call of the SDK package, which has none. A later result is ignored; the calls are safe to repeat. Throws DEPENDENCY_DOWN. */
export async function withDeadline<T>(what: string, ms: number, call: Promise<T>, signal?: AbortSignal): Promise<T> {
  const late = AbortSignal.any([AbortSignal.timeout(ms), ...(signal === undefined ? [] : [signal])])
  let stop = (): void => {}
  const ended = new Promise<never>((_, reject) => {
    stop = () => reject(new StrataError('DEPENDENCY_DOWN', { what }, { cause: late.reason }))
    late.addEventListener('abort', stop, { once: true })
    if (late.aborted) stop()
  })
  // A call that fails after the deadline must not end the process as an unhandled rejection.
  call.catch(() => {})
  try {
    return await Promise.race([call, ended])
  } finally {
    late.removeEventListener('abort', stop)
  }
}
