import { fromRefusal, StrataClientError } from '../errors.ts'
import { hedge } from './hedge.ts'

/** An answer that is not there by then was lost with its connection, more likely than not: the same is asked over another one. A ticket lets in one of them. */
const JOIN_AGAIN_MS = 3_000
export const JOIN_TIMEOUT_MS = 8_000

/** What every join has in common, whatever it connects by: a second attempt, an end, and errors of the catalogue. */
export function joinInTime<Seat, Link extends { leave(): Promise<void> }>(join: (seat: Seat) => Promise<Link>): (seat: Seat) => Promise<Link> {
  const tooLate = (): Error => new StrataClientError('UNREACHABLE', `the server did not answer within ${JOIN_TIMEOUT_MS} ms`, true)
  return async (seat) => {
    try {
      const times = { againMs: JOIN_AGAIN_MS, giveUpMs: JOIN_TIMEOUT_MS }
      return await hedge(
        () => join(seat),
        times,
        tooLate,
        (late) => void late.leave().catch(() => undefined),
      )
    } catch (error) {
      throw error instanceof StrataClientError ? error : fromRefusal(error)
    }
  }
}
