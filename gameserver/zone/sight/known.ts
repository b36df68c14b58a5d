import type { EntityId } from '../../../model/ids.ts'
import { APART, FREE } from '../../../model/wire/entities/updatePages.ts'
import { pool } from './numberPool.ts'

export const NONE = -1
const FIRST_CAPACITY = 32
/** Columns of the entities, one behind another in the block of the pool. */
const STEADY = 0
const SLOTS = 1
const IDS = 2
const FIELDS = 3
const SHOWN = 4
const CURRENT = 5
const COLUMNS = 6

/** By slot: the number of the call of `beginMarks` since which it was marked. */
let marks = new Int32Array(0)
let stamp = 0
const STAMP_MAX = 2 ** 31 - 1

/** No slot is marked any more. A caller that looks at all entities of a client anyway sets the marks of their slots to `stamp`. */
export function beginMarks({ capacity }: { capacity: number }): { marks: Int32Array; stamp: number } {
  if (marks.length < capacity || stamp === STAMP_MAX) {
    marks = new Int32Array(Math.max(capacity, marks.length))
    stamp = 0
  }
  stamp++
  return { marks, stamp }
}

export function isMarked(slot: number): boolean {
  return marks[slot] === stamp
}

/**
 * The entities that one client knows, by their index: the client's own small number for an entity (docs/reference/protocol.md). Loops over them run for
 * each client at each snapshot. Most entities show the same fields and were last updated at the same tick: the loops read one column for these, `steady`: the
 * slot, FREE for an index without an entity, and APART for an entity with a tick or fields of its own.
 */
export class Known {
  /** The last tick at which the client was up to date about all steady entities, and the fields that they show. */
  asOf = 0
  usual = 0
  /** Indexes are below this number. */
  end = 0
  /** First number of the column `steady` in the pool, and the distance to the next column. */
  #start: number
  #capacity = FIRST_CAPACITY
  #block = pool.take(this, COLUMNS * FIRST_CAPACITY)
  readonly #free: number[] = []

  constructor() {
    this.#start = this.#block.start
  }

  clear(): void {
    this.#free.length = 0
    this.end = 0
  }

  /** The column `steady` begins there in `numbers`. Both are valid until an entity is added to any sight. */
  get numbers(): Int32Array {
    return pool.numbers
  }
  get start(): number {
    return this.#start
  }
  /** Slot of the entity; −1 for a free index, or for an entity that the client keeps although it is gone here (`forget`). */
  slotAt(index: number): number {
    return this.#get(index, SLOTS)
  }
  /** Id of the entity as a signed integer; 0 for a free index. */
  idAt(index: number): number {
    return this.#get(index, IDS)
  }
  /** The fields that the entity shows to the client now. */
  fieldsAt(index: number): number {
    return this.#get(index, FIELDS)
  }
  /** The fields that it showed at the last update. */
  shownAt(index: number): number {
    return this.#get(index, SHOWN)
  }
  /** The last tick at which the client was up to date about the entity. */
  sinceOf(index: number): number {
    if (this.#get(index, STEADY) >= 0) return this.asOf
    const current = this.#get(index, CURRENT)
    return current < 0 ? ~current : current
  }
  /** The slot when the entity shows the usual fields and showed them at the last update; else APART. */
  placeOf(index: number): number {
    return this.fieldsAt(index) === this.usual && this.shownAt(index) === this.usual ? this.slotAt(index) : APART
  }
  /** The index of the entity in this slot; −1 when the client does not know it. */
  indexOf(slot: number, id: EntityId): number {
    for (let index = 0; index < this.end; index++) if (this.slotAt(index) === slot && this.idAt(index) === (id | 0)) return index
    return NONE
  }

  /** Slots and ids of the entities by index begin there in `numbers`. */
  get slotsStart(): number {
    return this.#start + SLOTS * this.#capacity
  }
  get idsStart(): number {
    return this.#start + IDS * this.#capacity
  }

  /**
   * Marks the slots of the entities that the client knows: `isMarked` says so until marks begin again for any client. The marks are one list for all clients, which stays in
   * the cache; a list of indexes by slot for each client does not.
   */
  mark(table: { ids: Uint32Array; capacity: number }): void {
    const { ids } = table
    const { marks, stamp } = beginMarks(table)
    for (let index = 0; index < this.end; index++) {
      const slot = this.slotAt(index)
      if (slot !== NONE && ((ids[slot] ?? 0) | 0) === this.idAt(index)) marks[slot] = stamp
    }
  }

  /** The fields that most entities show to the client. */
  expect(usual: number): void {
    if (usual === this.usual) return
    for (let index = 0; index < this.end; index++) if (this.#get(index, STEADY) >= 0) this.#setApart(index, this.asOf)
    this.usual = usual
  }

  /** The client gets the entity at this tick. */
  add(slot: number, id: EntityId, { tick, fields }: { tick: number; fields: number }): number {
    const index = this.#free.pop() ?? this.end++
    if (index >= this.#capacity) this.#grow()
    this.#set(index, SLOTS, slot)
    this.#set(index, IDS, id)
    this.#set(index, FIELDS, fields)
    this.#set(index, SHOWN, fields)
    this.#setApart(index, tick)
    return index
  }

  /** The entity shows these fields from now on. */
  reveal(index: number, fields: number): void {
    if (this.fieldsAt(index) === fields) return
    const since = this.sinceOf(index)
    const shown = this.shownAt(index) & fields
    this.#set(index, FIELDS, fields)
    this.#set(index, SHOWN, shown)
    this.#setApart(index, shown === fields ? since : ~since)
  }

  /**
   * The client is up to date about the entity at `tick`, with all fields that it shows. The tick becomes `asOf` when the snapshot is complete: an entity with the
   * usual fields is steady from then on.
   */
  update(index: number, tick: number): void {
    const fields = this.fieldsAt(index)
    this.#set(index, SHOWN, fields)
    if (fields === this.usual) this.#set(index, STEADY, this.slotAt(index))
    else this.#setApart(index, tick)
  }

  /** An update that was listed has to wait: the client stays as up to date as it was. */
  defer(index: number, since: number, shown: number): void {
    this.#set(index, SHOWN, shown)
    this.#setApart(index, shown === this.fieldsAt(index) ? since : ~since)
  }

  /** The client keeps the entity, and the index stays in use, until the next full snapshot. */
  forget(index: number): void {
    this.#set(index, SLOTS, NONE)
    this.#set(index, STEADY, FREE)
  }

  /** The client removes the entity. */
  remove(index: number): void {
    this.forget(index)
    this.#set(index, IDS, 0)
    this.#free.push(index)
  }

  /** `current`: the last tick at which the client was up to date; its complement (~) when the entity has shown more fields since. */
  #setApart(index: number, current: number): void {
    this.#set(index, STEADY, APART)
    this.#set(index, CURRENT, current)
  }

  #get(index: number, column: number): number {
    return pool.numbers[this.#start + column * this.#capacity + index] ?? 0
  }
  #set(index: number, column: number, value: number): void {
    pool.numbers[this.#start + column * this.#capacity + index] = value
  }

  #grow(): void {
    const [from, capacity] = [this.#start, this.#capacity]
    this.#block = pool.exchange(this, this.#block, 2 * COLUMNS * capacity)
    this.#start = this.#block.start
    this.#capacity = 2 * capacity
    for (let column = 0; column < COLUMNS; column++) {
      pool.numbers.copyWithin(this.#start + column * this.#capacity, from + column * capacity, from + (column + 1) * capacity)
    }
  }
}
