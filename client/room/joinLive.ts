import type { SeatAnswer } from '../../model/wire/matchmaker.ts'
import { control, type LiveMessage } from '../../model/wire/room.ts'
import { fromCloseCode, StrataClientError } from '../errors.ts'
import type { Connect, RoomLink } from './roomLink.ts'

/** Longest time from the connection until the character is live, in ms. The server claims the character in its database meanwhile. */
const LIVE_TIMEOUT_MS = 10_000

export interface LiveListeners {
  /** Called when the character goes live. Later messages of the link go to `message`. */
  live(link: RoomLink, message: LiveMessage): void
  message(link: RoomLink, type: string, data: unknown): void
  stateChanged(link: RoomLink): void
  closed(link: RoomLink, code: number): void
}

/** Joins a room with a seat and waits until the character is live. Otherwise it rejects and closes the connection. */
export async function joinLive(seat: SeatAnswer, connect: Connect, listeners: LiveListeners): Promise<void> {
  const link = await connect({ address: seat.address, copy: seat.copy, ticket: seat.ticket })
  const body = Promise.withResolvers<void>()
  let isLive = false
  link.listen({
    message: (type, data) => {
      if (isLive) listeners.message(link, type, data)
      if (isLive || type !== control.live) return
      isLive = true
      listeners.live(link, data as LiveMessage) // servers send the shapes of model/wire/room.ts
      body.resolve()
    },
    stateChanged: () => listeners.stateChanged(link),
    closed: (code) => {
      if (isLive) listeners.closed(link, code)
      else body.reject(fromCloseCode(code))
    },
  })
  const timer = setTimeout(
    () => body.reject(new StrataClientError('UNREACHABLE', `the character was not live within ${LIVE_TIMEOUT_MS} ms`, true)),
    LIVE_TIMEOUT_MS,
  )
  try {
    await body.promise
  } catch (error) {
    void link.leave()
    throw error
  } finally {
    clearTimeout(timer)
  }
}
