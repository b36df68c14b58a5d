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
    let link: SimLink | undefined
    end.listen({
      message: (type, data) => {
        if (type === frame.refused) refusal = String(data)
        else if (type === frame.welcome) {
          link = new SimLink(end, sendCount)
          resolve(link)
          // The SDK confirms the join when its room object exists.
          end.send(frame.joined, undefined)
        } else link?.receive(type, data)
      },
      closed: (code) => {
        reject(new Error(refusal))
        link?.ended(code)
      },
    })
  })
}

const moveMessages: ReadonlySet<string> = new Set([control.arrived, control.activate, control.declined])

class SimLink implements RoomLink {
  readonly #end: ConnectionEnd
  readonly #sendCount: (type: string) => number
  readonly #over = Promise.withResolvers<void>()
  #listeners: RoomListeners | undefined
  #undelivered: (() => void)[] = []
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
  listen(listeners: RoomListeners): void {
    this.#listeners = listeners
    for (const event of this.#undelivered.splice(0)) event()
  }
  async leave(): Promise<void> {
    if (!this.#open) return
    this.#open = false
    this.#end.send(frame.leave, undefined)
    const late = Promise.withResolvers<void>()
    const timer = setTimeout(late.resolve, LEAVE_TIMEOUT_MS)
    await Promise.race([this.#over.promise, late.promise])
    clearTimeout(timer)
  }

  receive(type: string, data: unknown): void {
    if (!this.#open) return
    if (this.#listeners === undefined) this.#undelivered.push(() => this.receive(type, data))
    else this.#listeners.message(type, data)
  }
  ended(code: number): void {
    this.#over.resolve()
    if (!this.#open) return
    if (this.#listeners === undefined) {
      this.#undelivered.push(() => this.ended(code))
      return
    }
    this.#open = false
    this.#listeners.closed(code)
  }
}
