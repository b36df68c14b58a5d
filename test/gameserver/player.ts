import { Client, type Room } from '@colyseus/sdk'
import type { LiveMessage } from '../../model/wire/room.ts'
import { control, SNAPSHOT } from '../../model/wire/room.ts'
import { decodeSnapshot, type EntityView } from '../../model/wire/snapshot.ts'

/** A raw client of one room: remembers what it was told, and what it sees. */
export class Player {
  readonly room: Room
  readonly seen = new Map<number, EntityView>()
  readonly messages: { type: string; data: unknown; at: number }[] = []
  closed: number | undefined
  /** When the last picture came; it may have had nothing new in it. */
  pictured = Number.NaN
  /** Own-body ids that appeared and vanished, in order: rule M5 wants none. */
  readonly vanished: number[] = []
  readonly #waiting = new Set<() => void>()

  constructor(room: Room) {
    this.room = room
    room.reconnection.enabled = false
    room.onMessage('*', (type, data) => this.#hear(String(type), data))
    room.onLeave((code) => {
      this.closed = code
      this.#wake()
    })
  }

  static async join(address: string, copy: string, ticket: string): Promise<Player> {
    return new Player(await new Client(address).joinById(copy, { ticket }))
  }

  async until<T>(what: string, look: () => T | undefined | false, timeoutMs = 5_000): Promise<T> {
    const deadline = Date.now() + timeoutMs
    for (;;) {
      const found = look()
      if (found !== undefined && found !== false) return found
      if (Date.now() > deadline)
        throw new Error(`${what}: not within ${timeoutMs} ms; heard ${JSON.stringify(this.messages.map(({ type }) => type))}, closed ${this.closed}`)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 50)
        this.#waiting.add(() => {
          clearTimeout(timer)
          resolve()
        })
      })
    }
  }

  message<T>(type: string, timeoutMs?: number): Promise<T> {
    return this.until(type, () => this.messages.find((message) => message.type === type)?.data as T | undefined, timeoutMs)
  }
  live(): Promise<LiveMessage> {
    return this.message<LiveMessage>(control.live)
  }
  at(type: string): number {
    return this.messages.find((message) => message.type === type)?.at ?? Number.NaN
  }

  #hear(type: string, data: unknown): void {
    if (type === SNAPSHOT) this.#see(data as Uint8Array)
    else this.messages.push({ type, data, at: performance.now() })
    this.#wake()
  }

  #see(bytes: Uint8Array): void {
    this.pictured = performance.now()
    const snapshot = decodeSnapshot(bytes)
    if (snapshot.full) this.seen.clear()
    for (const entity of snapshot.entered) this.seen.set(entity.id, entity)
    for (const motion of snapshot.moved) Object.assign(this.seen.get(motion.id) ?? {}, motion)
    for (const id of snapshot.left) {
      this.seen.delete(id)
      this.vanished.push(id)
    }
  }

  #wake(): void {
    for (const wake of this.#waiting) wake()
    this.#waiting.clear()
  }
}
