import { Client, type Room } from '@colyseus/sdk'
import { fromRefusal, StrataClientError } from './errors.ts'

/** A connection to one room. Everything above it knows no Colyseus, so that tests can play the rooms. */
export interface RoomLink {
  send(type: string, data: unknown): void
  /** Set once, at once after connecting: nothing is lost before that. */
  listen(listeners: { message(type: string, data: unknown): void; closed(code: number): void }): void
  leave(): void
}
export type Connect = (seat: { address: string; copy: string; ticket: string }) => Promise<RoomLink>

const JOIN_TIMEOUT_MS = 8_000

/** By Colyseus. Its own reconnection is off: a drop is answered by entering again, which finds the right server. */
export const connectRoom: Connect = async ({ address, copy, ticket }) => {
  const joining = new Client(address).joinById(copy, { ticket })
  const timeout = Promise.withResolvers<never>()
  const timer = setTimeout(() => timeout.reject(new StrataClientError('UNREACHABLE', `the server did not answer within ${JOIN_TIMEOUT_MS} ms`, true)), JOIN_TIMEOUT_MS)
  try {
    return new ColyseusLink(await Promise.race([joining, timeout.promise]))
  } catch (error) {
    joining.then((late) => late.leave()).catch(() => undefined)
    throw error instanceof StrataClientError ? error : fromRefusal(error)
  } finally {
    clearTimeout(timer)
  }
}

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

  listen({ message, closed }: Parameters<RoomLink['listen']>[0]): void {
    this.#room.onMessage('*', (type, data) => message(String(type), data))
    this.#room.onLeave((code) => {
      if (!this.#open) return
      this.#open = false
      closed(code)
    })
    // A refusal after joining closes the socket as well: `closed` tells it.
    this.#room.onError(() => undefined)
  }

  leave(): void {
    if (!this.#open) return
    this.#open = false
    this.#room.leave().catch(() => undefined) // the server closes its side anyway
  }
}
