import type { EntityId } from '../../../model/ids.ts'
import { grown } from '../../../model/wire/entities/grown.ts'

export const NONE = -1
const FIRST_CAPACITY = 32

/**
 * The entities that one client knows, by their index: the client's own small number for an entity (docs/reference/protocol.md). Loops over them run for
 * each client at each snapshot. The arrays are replaced when an entity is added.
 */
export class Known {
  /** Slot of the entity; −1 for a free index, or for an entity that the client keeps although it is gone here (`forget`). */
  slots = new Int32Array(FIRST_CAPACITY)
  /** Id of the entity as a signed integer; 0 for a free index. */
  ids = new Int32Array(FIRST_CAPACITY)
  /** The last tick at which the client was up to date about the entity. Its complement (~) when the entity has shown more fields since (`reveal`). */
  current = new Int32Array(FIRST_CAPACITY)
  /** The fields that the entity shows to the client now, and those that it showed at the last update. */
  fields = new Int32Array(FIRST_CAPACITY)
  shown = new Int32Array(FIRST_CAPACITY)
  /** Indexes are below this number. */
  end = 0
  #bySlot = new Int32Array(0)
  readonly #free: number[] = []

  clear(): void {
    this.#bySlot.fill(NONE)
    this.#free.length = 0
    this.end = 0
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
    return index !== NONE && this.ids[index] === (id | 0) ? index : NONE
  }

  /** The client gets the entity at this tick. */
  add(slot: number, id: EntityId, { tick, fields }: { tick: number; fields: number }): number {
    const index = this.#free.pop() ?? this.end++
    if (index >= this.slots.length)
      for (const column of ['slots', 'ids', 'current', 'fields', 'shown'] as const) this[column] = grown(this[column], new Int32Array(2 * index))
    this.slots[index] = slot
    this.ids[index] = id
    this.current[index] = tick
    this.fields[index] = fields
    this.shown[index] = fields
    this.#bySlot[slot] = index
    return index
  }

  /** The entity shows these fields from now on. */
  reveal(index: number, fields: number): void {
    if (this.fields[index] === fields) return
    const current = this.sinceOf(index)
    const shown = (this.shown[index] ?? 0) & fields
    this.fields[index] = fields
    this.shown[index] = shown
    this.current[index] = shown === fields ? current : ~current
  }

  /** The last tick at which the client was up to date about the entity. */
  sinceOf(index: number): number {
    const current = this.current[index] ?? 0
    return current < 0 ? ~current : current
  }

  /** An update that was listed has to wait: the client stays as up to date as it was. */
  defer(index: number, since: number, shown: number): void {
    this.shown[index] = shown
    this.current[index] = shown === this.fields[index] ? since : ~since
  }

  /** The client keeps the entity, and the index stays in use, until the next full snapshot. */
  forget(index: number): void {
    const slot = this.slots[index] ?? NONE
    if (this.#bySlot[slot] === index) this.#bySlot[slot] = NONE
    this.slots[index] = NONE
  }

  /** The client removes the entity. */
  remove(index: number): void {
    this.forget(index)
    this.ids[index] = 0
    this.#free.push(index)
  }
}
