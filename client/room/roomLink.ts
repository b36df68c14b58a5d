import { Client, type Room } from '@colyseus/sdk'
import { defined } from '../../model/defined.ts'
import type { CopyId } from '../../model/ids.ts'
import { PROTOCOL_VERSION } from '../../model/server.ts'
import { control, type StayingMessage } from '../../model/wire/room.ts'
import { joinInTime } from './joinInTime.ts'

/** Where to connect. `at` is the place whose surroundings a standby client wants to receive. */
export interface SeatAt {
  address: string
  copy: CopyId
  ticket: string
  at?: { x: number; y: number; z?: number }
}

/** A connection to one room. Its users do not depend on Colyseus, so that tests can replace rooms. */
export interface RoomLink {
  send(type: string, data: unknown): void
  /** Calls `answered` with the time of a message to the server and back, in ms. Absent in links that cannot measure it. */
  ping?(answered: (roundTripMs: number) => void): void
  /** The room's slow state: one object for the life of the link, which the connection keeps up to date. Absent while the server has sent none. */
  readonly state?: unknown
  /** Sets the listeners. Call it once, directly after connecting, so that no message is missed. */
  listen(listeners: RoomListeners): void
  /** Leaves the room. Resolves when the server has closed the connection. Listeners get nothing after the call. */
  leave(): Promise<void>
}
export interface RoomListeners {
  message(type: string, data: unknown): void
  /** The slow state has changed. */
  stateChanged?(): void
  closed(code: number): void
}
export type Connect = (seat: SeatAt) => Promise<RoomLink>

/** Longest time to wait for the server's close, in ms; added to the time for which the server keeps the body. */
const LEAVE_TIMEOUT_MS = 2_000

/** Connects with Colyseus. Its reconnection is off: after a drop the client enters again, which finds the right server. */
export const connectRoom: Connect = joinInTime(
  async ({ address, copy, ticket, at }) => new ColyseusLink(await new Client(address).joinById(copy, defined({ ticket, protocol: PROTOCOL_VERSION, at }))),
)

class ColyseusLink implements RoomLink {
  readonly #room: Room
  #open = true
  readonly #late = Promise.withResolvers<void>()
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(room: Room) {
    this.#room = room
    room.reconnection.enabled = false
  }

  send(type: string, data: unknown): void {
    if (this.#open) this.#room.send(type, data)
  }

  ping(answered: (roundTripMs: number) => void): void {
    if (this.#open) this.#room.ping(answered)
  }

  get state(): unknown {
    return this.#room.state
  }

  listen({ message, closed, stateChanged }: RoomListeners): void {
    this.#room.onStateChange(() => {
      if (this.#open) stateChanged?.()
    })
    this.#room.onMessage('*', (type, data) => {
      if (this.#open) message(String(type), data)
      else if (type === control.staying) this.#waitFor((data as StayingMessage).forMs) // servers send the shapes of model/wire/room.ts
    })
    this.#room.onLeave((code) => {
      if (!this.#open) return
      this.#open = false
      closed(code)
    })
    // A refusal after joining also closes the socket, which calls `closed`.
    this.#room.onError(() => undefined)
  }

  async leave(): Promise<void> {
    if (!this.#open) return
    this.#open = false
    this.#waitFor(0)
    // After the timeout the server closes its side by itself.
    await Promise.race([this.#room.leave().catch(() => undefined), this.#late.promise])
    clearTimeout(this.#timer)
  }

  #waitFor(ms: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(this.#late.resolve, ms + LEAVE_TIMEOUT_MS)
  }
}
