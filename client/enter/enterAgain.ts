import type { MapName } from '../../model/ids.ts'
import { type StrataClientError, toClientError } from '../errors.ts'
import { pauseBefore } from '../retry.ts'
import type { Wish } from './takeSeat.ts'

export interface EnterAgainOptions {
  /** Where one was. */
  map: MapName
  signal: AbortSignal
  trying: (attempt: number) => void
  enter: (wish: Wish) => Promise<void>
}

/** Tries to get in until it works, `signal` aborts, or an error says that trying again is of no use: which it resolves with. */
export async function enterAgain({ map, signal, trying, enter }: EnterAgainOptions): Promise<StrataClientError | undefined> {
  let wish: Wish = { map }
  for (let attempt = 0; !signal.aborted; attempt++) {
    trying(attempt)
    await pauseBefore(attempt, signal)
    try {
      await enter(wish)
      return undefined
    } catch (error) {
      if (signal.aborted) return undefined
      const known = toClientError(error)
      // A party's own instance is entered by another word.
      if (known.code === 'BAD_REQUEST' && 'map' in wish) wish = { instance: map }
      else if (!known.retryable) return known
    }
  }
  return undefined
}
