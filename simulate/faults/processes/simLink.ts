import type { RoomLink, RoomListeners } from '../../../client/room/roomLink.ts'
import { control } from '../../../model/wire/room.ts'
import type { ConnectionEnd } from '../kernel/connection.ts'
import { frame } from './simClient.ts'

/** Longest wait for the close of the connection, in ms; as in `client/room/roomLink.ts`. */
const LEAVE_TIMEOUT_MS = 2_000

/** Resolves when the room has accepted the client. */
export function openLink(end: ConnectionEnd, sendCount: (type: string) => number): Promise<RoomLink> {
  return new Promise((resolve, reject) => {
    let refusal = 'the connection closed'
    end.listen({
      message: (type, data) => {
        if (type === frame.refused) refusal = String(data)
        if (type !== frame.welcome) return
        // What arrives from now on waits until the SDK listens.
        end.listeners = undefined
        resolve(new SimLink(end, sendCount))
        // The SDK confirms the join when its room object exists.
        end.send(frame.joined, undefined)
      },
      closed: () => reject(new Error(refusal)),
    })
  })
}

const moveMessages: ReadonlySet<string> = new Set([control.arrived, control.activate, control.declined])

class SimLink implements RoomLink {
  readonly #end: ConnectionEnd
  readonly #sendCount: (type: string) => number
  readonly #over = Promise.withResolvers<void>()
  #open = true

  constructor(end: ConnectionEnd, sendCount: (type: string) => number) {
    this.#end = end
    this.#sendCount = sendCount
  }

  send(type: string, data: unknown): void {
    if (!this.#open) return
    const sent = structuredClone(data)
    for (let left = moveMessages.has(type) ? this.#sendCount(type) : 1; left > 0; left--) this.#end.send(type, sent)
  }
  listen({ message, closed }: RoomListeners): void {
    this.#end.listen({
      message: (type, data) => {
        if (this.#open) message(type, data)
      },
      closed: (code) => {
        this.#over.resolve()
        if (!this.#open) return
        this.#open = false
        closed(code)
      },
    })
  }
  async leave(): Promise<void> {
    if (!this.#open) return
    this.#open = false
    if (this.#end.listeners === undefined) this.listen({ message: () => {}, closed: () => {} })
    this.#end.send(frame.leave, undefined)
    const late = Promise.withResolvers<void>()
    const timer = setTimeout(late.resolve, LEAVE_TIMEOUT_MS)
    await Promise.race([this.#over.promise, late.promise])
    clearTimeout(timer)
  }
}
