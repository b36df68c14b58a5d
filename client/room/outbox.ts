import type { RoomLink } from './roomLink.ts'

/** Most messages that are kept between two servers; beyond that the oldest is dropped. Players send far fewer in that time. */
const CAPACITY = 64

/** Messages of the game that no server would handle now. They are sent to the next server. */
export class Outbox {
  #held: { type: string; data: unknown }[] = []

  hold(type: string, data: unknown): void {
    this.#held.push({ type, data })
    if (this.#held.length > CAPACITY) this.#held.shift()
  }

  flush(link: RoomLink): void {
    const held = this.#held
    this.#held = []
    for (const { type, data } of held) link.send(type, data)
  }
}
