import { StrataError } from '../../model/errors.ts'

/** Gets each call that has ended: its name, its duration in seconds, and the code of its error, if it failed. */
export type CallObserver = (call: string, seconds: number, failure: string | undefined) => void

/**
 * The same object, whose calls are timed: those that return a promise. All others, and properties, pass unchanged. An object behind a property passes
 * unmeasured: measure it by itself.
 */
export function measured<T extends object>(target: T, observe: CallObserver): T {
  const wrapped = new Map<PropertyKey, { original: unknown; timed: unknown }>()
  return new Proxy(target, {
    get(_, key) {
      // Read from the target itself: private fields of its class do not exist on the proxy.
      const original: unknown = Reflect.get(target, key, target)
      if (typeof original !== 'function') return original
      const known = wrapped.get(key)
      if (known?.original === original) return known.timed
      const call = (...given: unknown[]): unknown => {
        const began = performance.now()
        const ended = (failure?: string): void => observe(String(key), (performance.now() - began) / 1_000, failure)
        const result: unknown = Reflect.apply(original, target, given)
        if (!(result instanceof Promise)) return result
        result.then(
          () => ended(),
          (error: unknown) => ended(failureCode(error)),
        )
        return result
      }
      wrapped.set(key, { original, timed: call })
      return call
    },
  })
}

/** The code of an error for a label: one of the catalogue, `ABORTED` when the caller gave up, else `INTERNAL`. */
export function failureCode(error: unknown): string {
  if (error instanceof StrataError) return error.code
  return error instanceof Error && error.name === 'AbortError' ? 'ABORTED' : 'INTERNAL'
}
