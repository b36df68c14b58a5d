import type { RoomLink, RoomListeners } from '../../../client/room/roomLink.ts'
import { control } from '../../../model/wire/room.ts'
import type { WireEnd } from '../kernel/wire.ts'
import { frame } from './simClient.ts'

/** As `client/room/roomLink.ts`. */
const LEAVE_TIMEOUT_MS = 2_000

/** Resolves when the room has let the client in. */
export function opened(end: WireEnd, times: (type: string) => number): Promise<RoomLink> {
  return new Promise((resolve, reject) => {
    let refusal = 'the connection closed'
    let link: SimLink | undefined
    end.listen({
      message: (type, data) => {
        if (type === frame.refused) refusal = String(data)
        else if (type === frame.welcome) {
          link = new SimLink(end, times)
          resolve(link)
          // The SDK answers when it has made its room object.
          end.send(frame.heard, undefined)
        } else link?.hear(type, data)
      },
      closed: (code) => {
        reject(new Error(refusal))
        link?.ended(code)
      },
    })
  })
}

const steps: ReadonlySet<string> = new Set([control.arrived, control.activate, control.declined])

class SimLink implements RoomLink {
  readonly #end: WireEnd
  readonly #times: (type: string) => number
  readonly #over = Promise.withResolvers<void>()
  #listeners: RoomListeners | undefined
  #early: (() => void)[] = []
  #open = true

  constructor(end: WireEnd, times: (type: string) => number) {
    this.#end = end
    this.#times = times
  }

  send(type: string, data: unknown): void {
    if (!this.#open) return
    const sent = structuredClone(data)
    for (let left = steps.has(type) ? this.#times(type) : 1; left > 0; left--) this.#end.send(type, sent)
  }
  listen(listeners: RoomListeners): void {
    this.#listeners = listeners
    for (const event of this.#early.splice(0)) event()
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

  hear(type: string, data: unknown): void {
    if (!this.#open) return
    if (this.#listeners === undefined) this.#early.push(() => this.hear(type, data))
    else this.#listeners.message(type, data)
  }
  ended(code: number): void {
    this.#over.resolve()
    if (!this.#open) return
    if (this.#listeners === undefined) {
      this.#early.push(() => this.ended(code))
      return
    }
    this.#open = false
    this.#listeners.closed(code)
  }
}
