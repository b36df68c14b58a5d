import { Client, type Room } from '@colyseus/sdk'
import { PROTOCOL_VERSION } from '../../../model/server.ts'
import { plainEntities } from '../../../model/wire/entities/defineEntities.ts'
import { readLayout } from '../../../model/wire/entities/layout.ts'
import { SnapshotDecoder } from '../../../model/wire/entities/snapshotDecoder.ts'
import type { LiveMessage } from '../../../model/wire/room.ts'
import { control, SNAPSHOT } from '../../../model/wire/room.ts'
import type { EntityView } from '../../../model/wire/snapshot.ts'

/** A raw client of one room that records its messages and the entities it sees. */
export class Player {
  readonly room: Room
  readonly seen = new Map<number, EntityView>()
  /** `afterSnapshot`: whether the frame directly before it was a snapshot. */
  readonly messages: { type: string; data: unknown; at: number; afterSnapshot: boolean }[] = []
  closed: number | undefined
  /** Acknowledgements in snapshots are recorded as messages, as in protocol 1. */
  #applied = 0
  #decoder = new SnapshotDecoder(plainEntities.layout)
  /** Time of the last snapshot in ms, from `performance.now()`; also set by a snapshot without changes. */
  snapshotAt = Number.NaN
  /** Ids of entities that left the player's sight, in order. Rule M5 requires that moved party members are not among them. */
  readonly vanished: number[] = []
  #afterSnapshot = false
  readonly #waiting = new Set<() => void>()

  constructor(room: Room) {
    this.room = room
    room.reconnection.enabled = false
    room.onMessage('*', (type, data) => this.#receive(String(type), data))
    room.onLeave((code) => {
      this.closed = code
      this.#wake()
    })
  }

  static async join(address: string, copy: string, ticket: string): Promise<Player> {
    return new Player(await new Client(address).joinById(copy, { ticket, protocol: PROTOCOL_VERSION }))
  }

  async until<T>(what: string, look: () => T | undefined | false, timeoutMs = 5_000): Promise<T> {
    const deadline = Date.now() + timeoutMs
    for (;;) {
      const found = look()
      if (found !== undefined && found !== false) return found
      if (Date.now() > deadline)
        throw new Error(`${what}: not within ${timeoutMs} ms; received ${JSON.stringify(this.messages.map(({ type }) => type))}, closed ${this.closed}`)
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

  #receive(type: string, data: unknown): void {
    if (type === SNAPSHOT) this.#applySnapshot(data as Uint8Array)
    else if (type === control.layout) this.#decoder = new SnapshotDecoder(readLayout(data))
    else {
      if (type === control.live) this.#applied = (data as LiveMessage).lastInput
      this.messages.push({ type, data, at: performance.now(), afterSnapshot: this.#afterSnapshot })
    }
    this.#afterSnapshot = type === SNAPSHOT
    this.#wake()
  }

  #applySnapshot(bytes: Uint8Array): void {
    this.snapshotAt = performance.now()
    const snapshot = this.#decoder.decode(bytes)
    if (snapshot.lastInput > this.#applied) {
      this.#applied = snapshot.lastInput
      this.messages.push({ type: control.ack, data: { lastInput: this.#applied }, at: this.snapshotAt, afterSnapshot: true })
    }
    if (snapshot.full) this.seen.clear()
    for (const entity of snapshot.entered) this.seen.set(entity.id, entity)
    for (const values of snapshot.changed) Object.assign(this.seen.get(values.id) ?? {}, values)
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
