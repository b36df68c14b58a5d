import type { RoomLink } from './roomLink.ts'

/** More than a player says in the moment between two servers: the oldest of them go. */
const CAPACITY = 64

/** Messages of the game that nobody would hear now: they wait for the next server. */
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
