import { Client, type Room } from '@colyseus/sdk'
import { joinInTime } from './joinInTime.ts'

/** Where to connect; `at`: on standby, what one wants to be shown. */
export interface SeatAt {
  address: string
  copy: string
  ticket: string
  at?: { x: number; y: number }
}

/** A connection to one room. Everything above it knows no Colyseus, so that tests can play the rooms. */
export interface RoomLink {
  send(type: string, data: unknown): void
  /** Called once, at once after connecting: nothing is lost before that. */
  listen(listeners: RoomListeners): void
  /** Resolves when the server has said goodbye; what comes later is not heard any more. */
  leave(): Promise<void>
}
export interface RoomListeners {
  message(type: string, data: unknown): void
  closed(code: number): void
}
export type Connect = (seat: SeatAt) => Promise<RoomLink>

const LEAVE_TIMEOUT_MS = 2_000

/** By Colyseus. Its own reconnection is off: a drop is answered by entering again, which finds the right server. */
export const connectRoom: Connect = joinInTime(
  async ({ address, copy, ticket, at }) => new ColyseusLink(await new Client(address).joinById(copy, at === undefined ? { ticket } : { ticket, at })),
)

class ColyseusLink implements RoomLink {
  readonly #room: Room
  #open = true

  constructor(room: Room) {
    this.#room = room
    room.reconnection.enabled = false
  }

  send(type: string, data: unknown): void {
    if (this.#open) this.#room.send(type, data)
  }

  listen({ message, closed }: RoomListeners): void {
    this.#room.onMessage('*', (type, data) => {
      if (this.#open) message(String(type), data)
    })
    this.#room.onLeave((code) => {
      if (!this.#open) return
      this.#open = false
      closed(code)
    })
    // A refusal after joining closes the socket as well: `closed` tells it.
    this.#room.onError(() => undefined)
  }

  async leave(): Promise<void> {
    if (!this.#open) return
    this.#open = false
    const late = Promise.withResolvers<void>()
    const timer = setTimeout(late.resolve, LEAVE_TIMEOUT_MS)
    // The server closes its side anyway.
    await Promise.race([this.#room.leave().catch(() => undefined), late.promise])
    clearTimeout(timer)
  }
}
