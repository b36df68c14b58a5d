import type { EntityId } from '../../../model/ids.ts'
import { grown } from '../../../model/wire/entities/grown.ts'

export const NONE = -1
const FIRST_CAPACITY = 32

/** What an entity shows to a viewer. A higher number sees all that a lower one sees. */
export const AUDIENCE = { all: 0, party: 1, owner: 2 } as const

/** Cells of a row of `Known`. One row is 32 bytes, so that reading all of an entity touches one cache line. */
export const KNOWN = {
  /** Slot of the entity; −1 for a free index, or for an entity that the client keeps although it is gone here (`forget`). */
  slot: 0,
  /** Id of the entity as a signed integer; 0 for a free index. */
  id: 1,
  /** The last tick at which the client was up to date about the entity. */
  current: 2,
  /** An AUDIENCE. */
  audience: 3,
  /** The position in steps that the client has. */
  x: 4,
  y: 5,
  z: 6,
} as const
export const KNOWN_WIDTH = 8

/** The entities that one client knows, by their index: the client's own small number for an entity (docs/reference/protocol.md). */
export class Known {
  /** One row for each index; see `KNOWN`. Replaced when an entity is added. */
  rows = new Int32Array(FIRST_CAPACITY * KNOWN_WIDTH)
  #bySlot = new Int32Array(0)
  readonly #free: number[] = []
  #end = 0

  /** Indexes are below this number. */
  get end(): number {
    return this.#end
  }

  get(index: number, cell: number): number {
    return this.rows[index * KNOWN_WIDTH + cell] ?? 0
  }
  idAt(index: number): EntityId {
    return this.get(index, KNOWN.id) >>> 0
  }

  clear(): void {
    this.#bySlot.fill(NONE)
    this.#free.length = 0
    this.#end = 0
  }

  /** Makes room for slots below `capacity`. */
  fit(capacity: number): void {
    if (this.#bySlot.length >= capacity) return
    const known = this.#bySlot.length
    this.#bySlot = grown(this.#bySlot, new Int32Array(capacity))
    this.#bySlot.fill(NONE, known)
  }

  /** The index of the entity in this slot; −1 when the client does not know it. */
  indexOf(slot: number, id: EntityId): number {
    const index = this.#bySlot[slot] ?? NONE
    return index !== NONE && this.idAt(index) === id ? index : NONE
  }

  add(slot: number, id: EntityId): number {
    const index = this.#free.pop() ?? this.#end++
    const at = index * KNOWN_WIDTH
    if (at >= this.rows.length) this.rows = grown(this.rows, new Int32Array(2 * this.rows.length))
    this.rows[at + KNOWN.slot] = slot
    this.rows[at + KNOWN.id] = id
    this.#bySlot[slot] = index
    return index
  }

  /** The client keeps the entity, and the index stays in use, until the next full snapshot. */
  forget(index: number): void {
    const slot = this.get(index, KNOWN.slot)
    if (this.#bySlot[slot] === index) this.#bySlot[slot] = NONE
    this.rows[index * KNOWN_WIDTH + KNOWN.slot] = NONE
  }

  /** The client removes the entity. */
  remove(index: number): void {
    this.forget(index)
    this.rows[index * KNOWN_WIDTH + KNOWN.id] = 0
    this.#free.push(index)
  }
}
