import { fromRefusal, StrataClientError } from '../errors.ts'
import { hedge } from './hedge.ts'

/** In ms. Without an answer after this time the connection is probably dead, so the client joins over a second one. The server accepts a ticket only once. */
const JOIN_AGAIN_MS = 3_000
/** Longest time for both attempts together, in ms. */
export const JOIN_TIMEOUT_MS = 8_000

/** Adds a second attempt, a timeout and the errors of the catalogue to a function that joins a room. */
export function joinInTime<Seat, Link extends { leave(): Promise<void> }>(join: (seat: Seat) => Promise<Link>): (seat: Seat) => Promise<Link> {
  const tooLate = (): Error => new StrataClientError('UNREACHABLE', `the server did not answer within ${JOIN_TIMEOUT_MS} ms`, true)
  return async (seat) => {
    try {
      return await hedge(() => join(seat), {
        againMs: JOIN_AGAIN_MS,
        giveUpMs: JOIN_TIMEOUT_MS,
        tooLate,
        surplus: (late) => void late.leave().catch(() => undefined),
      })
    } catch (error) {
      throw error instanceof StrataClientError ? error : fromRefusal(error)
    }
  }
}
