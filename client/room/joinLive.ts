import type { SeatAnswer } from '../../model/wire/matchmaker.ts'
import { control, type LiveMessage } from '../../model/wire/room.ts'
import { fromCloseCode, StrataClientError } from '../errors.ts'
import type { Connect, RoomLink } from './roomLink.ts'

/** From the connection to the body: the server claims the character meanwhile, in its database. */
const LIVE_TIMEOUT_MS = 10_000

export interface Living {
  /** Called in the step in which the body is there: what follows on the link is the world's. */
  live(link: RoomLink, message: LiveMessage): void
  message(link: RoomLink, type: string, data: unknown): void
  closed(link: RoomLink, code: number): void
}

/** Takes a seat and waits for the body. Rejects when there is none in time; then the connection is gone too. */
export async function joinLive(seat: SeatAnswer, connect: Connect, living: Living): Promise<void> {
  const link = await connect({ address: seat.address, copy: seat.copy, ticket: seat.ticket })
  const body = Promise.withResolvers<void>()
  let isLive = false
  link.listen({
    message: (type, data) => {
      if (isLive) living.message(link, type, data)
      if (isLive || type !== control.live) return
      isLive = true
      living.live(link, data as LiveMessage) // the server writes what model/wire/room.ts says
      body.resolve()
    },
    closed: (code) => {
      if (isLive) living.closed(link, code)
      else body.reject(fromCloseCode(code))
    },
  })
  const timer = setTimeout(() => body.reject(new StrataClientError('UNREACHABLE', `no body within ${LIVE_TIMEOUT_MS} ms`, true)), LIVE_TIMEOUT_MS)
  try {
    await body.promise
  } catch (error) {
    void link.leave()
    throw error
  } finally {
    clearTimeout(timer)
  }
}
