import type { MapName } from '../../model/ids.ts'
import { backoffMs } from '../../model/retry/backoff.ts'
import { type StrataClientError, toClientError } from '../errors.ts'
import { pause } from '../retry.ts'
import type { Wish } from './takeSeat.ts'

/**
 * Pauses before the attempts, in ms. The first attempt waits too, so that the players of a dead server do not all come at once. The longest pause is added to the 5 s after which a silent
 * server is lost. Both have to fit into the 10 s of rule D2. With a pause of 3 s, 100 players on a busy machine of two cores were back after 7 to 10 s.
 */
const reconnectTimes = { firstMs: 200, maxMs: 1_500 }

export interface EnterAgainOptions {
  /** The map where the player was. */
  map: MapName
  signal: AbortSignal
  beforeAttempt: (attempt: number) => void
  enter: (wish: Wish) => Promise<void>
}

/** Enters again, with back-off, until it succeeds or `signal` aborts. Resolves with the error when it is not retryable. */
export async function enterAgain({ map, signal, beforeAttempt, enter }: EnterAgainOptions): Promise<StrataClientError | undefined> {
  let wish: Wish = { map }
  for (let attempt = 0; !signal.aborted; attempt++) {
    beforeAttempt(attempt)
    await pause(backoffMs(reconnectTimes, attempt + 1, Math.random), signal)
    try {
      await enter(wish)
      return undefined
    } catch (error) {
      if (signal.aborted) return undefined
      const known = toClientError(error)
      // A party's private instance is entered with `instance` instead of `map`.
      if (known.code === 'BAD_REQUEST' && 'map' in wish) wish = { instance: map }
      else if (!known.retryable) return known
    }
  }
  return undefined
}
