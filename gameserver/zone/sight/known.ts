import type { EntityId } from '../../../model/ids.ts'
import { grown } from '../../../model/wire/entities/entityTable.ts'

export const NONE = -1
const FIRST_CAPACITY = 32

/** What an entity shows to a viewer. A higher number sees all that a lower one sees. */
export const AUDIENCE = { all: 0, party: 1, owner: 2 } as const

/** The entities that one client knows, by their index: the client's own small number for an entity (docs/reference/protocol.md). */
export class Known {
  /** By index: slot of the entity; −1 for a free index, or for an entity that the client keeps although it is gone here (`forget`). */
  slot = new Int32Array(FIRST_CAPACITY)
  /** By index: id of the entity; 0 for a free index. */
  ids = new Uint32Array(FIRST_CAPACITY)
  /** By index: the last tick at which the client was up to date about the entity. */
  current = new Int32Array(FIRST_CAPACITY)
  /** By index: the position in steps that the client has. */
  x = new Int32Array(FIRST_CAPACITY)
  y = new Int32Array(FIRST_CAPACITY)
  z = new Int32Array(FIRST_CAPACITY)
  /** By index: an AUDIENCE. */
  audience = new Int32Array(FIRST_CAPACITY)
  /** By index: the last round in which the entity was in sight, and the square of its distance then, in steps. */
  round = new Int32Array(FIRST_CAPACITY)
  distance = new Float64Array(FIRST_CAPACITY)
  #bySlot = new Int32Array(0)
  readonly #free: number[] = []
  #end = 0

  /** Indexes are below this number. */
  get end(): number {
    return this.#end
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
    return index !== NONE && this.ids[index] === id ? index : NONE
  }

  add(slot: number, id: EntityId): number {
    const index = this.#free.pop() ?? this.#end++
    if (index >= this.ids.length) this.#grow()
    this.slot[index] = slot
    this.ids[index] = id
    this.#bySlot[slot] = index
    return index
  }

  /** The client keeps the entity, and the index stays in use, until the next full snapshot. */
  forget(index: number): void {
    const slot = this.slot[index] ?? NONE
    if (this.#bySlot[slot] === index) this.#bySlot[slot] = NONE
    this.slot[index] = NONE
  }

  /** The client removes the entity. */
  remove(index: number): void {
    this.forget(index)
    this.ids[index] = 0
    this.#free.push(index)
  }

  #grow(): void {
    const capacity = 2 * this.ids.length
    this.ids = grown(this.ids, new Uint32Array(capacity))
    for (const name of ['slot', 'current', 'x', 'y', 'z', 'audience', 'round'] as const) this[name] = grown(this[name], new Int32Array(capacity))
    const distance = new Float64Array(capacity)
    distance.set(this.distance)
    this.distance = distance
  }
}
