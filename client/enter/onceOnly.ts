import { StrataClientError } from '../errors.ts'
import { pauseBefore } from '../retry.ts'

const ATTEMPTS = 12

/**
 * Something that must happen once: asked again under the same key when no answer came, so that a request that was carried
 * out and whose answer was lost is not carried out twice. Rejects with the last error after about half a minute.
 */
export async function onceOnly<T>(ask: (key: string) => Promise<T>): Promise<T> {
  const key = crypto.randomUUID()
  for (let attempt = 1; ; attempt++) {
    try {
      return await ask(key)
    } catch (error) {
      if (!(error instanceof StrataClientError) || !error.retryable || attempt === ATTEMPTS) throw error
      await pauseBefore(attempt)
    }
  }
}
