import type { EntityId, PartyId } from '../../ids.ts'
import type { EntityView } from '../snapshot.ts'
import { textBytes } from './bytes.ts'
import type { Entities, EntityField } from './defineEntities.ts'
import { type RawForm, rawForm } from './fieldTypes.ts'
import { grown } from './grown.ts'
import { Trails } from './trails.ts'
import { UpdatePages } from './updatePages.ts'

const FIRST_CAPACITY = 64
/** A tick before all others. */
const NEVER = -(2 ** 31)

/** The quantised values of one field for all entities of a table, by slot. */
export interface Column {
  readonly field: EntityField
  readonly read: (view: EntityView) => unknown
  readonly form: RawForm | undefined
  /** Raw values; empty for text. */
  raw: Uint32Array
  /** Text and its bytes on the wire; empty for other fields. */
  readonly texts: string[]
  readonly textBytes: Uint8Array[]
  /** Tick of the last change. */
  changed: Int32Array
}

/**
 * All entities of a room with their values as on the wire. The game changes its entities as it likes; `sync` reads them once a step and notes which
 * field changed when, so that no snapshot looks at the game's objects. Each entity has a slot; a slot is used again after its entity was removed.
 */
export class EntityTable {
  readonly entities: Entities
  readonly columns: readonly Column[]
  /** Steps per metre, and the largest number of steps from the centre. */
  readonly perMetre: number
  readonly limit: number
  /** By slot: 0 for a free slot, else the entity's id. */
  ids = new Uint32Array(FIRST_CAPACITY)
  /** Position in steps, by slot. */
  x = new Int32Array(FIRST_CAPACITY)
  y = new Int32Array(FIRST_CAPACITY)
  z = new Int32Array(FIRST_CAPACITY)
  /** Tick of the last change of the position, and of any change, by slot. */
  moved = new Int32Array(FIRST_CAPACITY)
  changed = new Int32Array(FIRST_CAPACITY)
  /** Number of the entity's party, by slot; 0: none. */
  party = new Uint32Array(FIRST_CAPACITY)
  /** Bytes of updates as of the last change of any entity, which many clients get alike. */
  readonly written = new UpdatePages(FIRST_CAPACITY)
  readonly trails = new Trails(FIRST_CAPACITY)
  /** Number of changes of the parties of entities, and of removed entities, so far. */
  partyChanges = 0
  removals = 0
  /** By slot: the last question to `changesSince` and its answer, until the entity changes. Most clients of a room ask the same. */
  since = new Int32Array(FIRST_CAPACITY).fill(NEVER)
  sinceMask = new Int32Array(FIRST_CAPACITY)
  readonly #views: (EntityView | undefined)[] = []
  readonly #slots = new Map<EntityId, number>()
  readonly #free: number[] = []
  readonly #parties = new Map<PartyId, number>()
  readonly #deep: boolean
  #end = 0

  constructor(entities: Entities) {
    this.entities = entities
    const { step, bytes } = entities.layout.position
    this.perMetre = 1 / step
    this.limit = Math.min(Math.floor(entities.position.extent / step), 2 ** (8 * bytes - 1) - 1)
    this.#deep = entities.dimensions === 3
    this.columns = entities.fields.map((field) => ({
      field,
      read: readerOf(field),
      form: rawForm(field.wire),
      raw: new Uint32Array(field.wire.bytes === 0 ? 0 : FIRST_CAPACITY),
      texts: [],
      textBytes: [],
      changed: new Int32Array(FIRST_CAPACITY),
    }))
  }

  get size(): number {
    return this.#slots.size
  }
  /** Slots are below this number. */
  get end(): number {
    return this.#end
  }
  get capacity(): number {
    return this.ids.length
  }
  /** The slot of an entity; undefined when there is none. */
  slotOf(id: EntityId): number | undefined {
    return this.#slots.get(id)
  }
  viewAt(slot: number): EntityView | undefined {
    return this.#views[slot]
  }

  /** Adds an entity and reads it. It replaces an entity with the same id. Returns its slot. Throws RangeError when the id is not 1 to 2^32−1. */
  add(view: EntityView, tick: number): number {
    if (!Number.isInteger(view.id) || view.id < 1 || view.id > 0xffff_ffff) throw new RangeError(`an entity's id is 1 to 2^32−1, not ${view.id}`)
    this.remove(view.id)
    const slot = this.#free.pop() ?? this.#end++
    if (slot >= this.capacity) this.#grow()
    this.ids[slot] = view.id
    this.#joinParty(slot, 0)
    this.#views[slot] = view
    this.#slots.set(view.id, slot)
    this.sync(slot, tick)
    this.trails.clear(slot)
    this.#noteMove(slot, tick)
    // All values of a new entity count as changed: the slot's former entity may have had the same ones.
    this.#noteChange(slot, tick)
    for (const { changed } of this.columns) changed[slot] = tick
    return slot
  }

  remove(id: EntityId): void {
    const slot = this.#slots.get(id)
    if (slot === undefined) return
    this.#slots.delete(id)
    this.#views[slot] = undefined
    this.ids[slot] = 0
    this.removals++
    this.#free.push(slot)
  }

  /** Tells whose fields `seenBy: 'party'` an entity's party members see. */
  setParty(id: EntityId, party: PartyId | undefined): void {
    const slot = this.#slots.get(id)
    if (slot !== undefined) this.#joinParty(slot, party === undefined ? 0 : this.numberOf(party))
  }

  #joinParty(slot: number, party: number): void {
    if (this.party[slot] === party) return
    this.party[slot] = party
    this.partyChanges++
  }

  /** The number of a party in this table. Numbers are never used again: a room sees few parties in its life. */
  numberOf(party: PartyId): number {
    const known = this.#parties.get(party)
    if (known !== undefined) return known
    this.#parties.set(party, this.#parties.size + 1)
    return this.#parties.size
  }

  /** Reads the entity in this slot. Returns whether its position has changed. */
  sync(slot: number, tick: number): boolean {
    const view = this.#views[slot]
    if (view === undefined) return false
    const moved = this.#syncPosition(slot, view)
    if (moved) this.#noteMove(slot, tick)
    let changed = moved
    for (const column of this.columns) {
      if (!syncColumn(column, slot, view)) continue
      column.changed[slot] = tick
      changed = true
    }
    if (changed) this.#noteChange(slot, tick)
    return moved
  }

  #noteMove(slot: number, tick: number): void {
    this.moved[slot] = tick
    this.trails.add(slot, tick, this)
  }

  #noteChange(slot: number, tick: number): void {
    this.changed[slot] = tick
    this.since[slot] = NEVER
    this.written.drop()
  }

  /** Mask of the fields that changed after this tick. Bit 0 is the position. */
  changesSince(slot: number, tick: number): number {
    if (this.since[slot] === tick) return this.sinceMask[slot] ?? 0
    let mask = (this.moved[slot] ?? 0) > tick ? 1 : 0
    for (const { changed, field } of this.columns) if ((changed[slot] ?? 0) > tick) mask |= field.bit
    this.since[slot] = tick
    this.sinceMask[slot] = mask
    return mask
  }

  /** Whether a field of type `entity` names this id, as when the entity attacks it. */
  actsOn(slot: number, id: EntityId): boolean {
    for (const { field, raw } of this.columns) if (field.wire.type === 'entity' && raw[slot] === id) return true
    return false
  }

  /** Metres to steps, clamped to the map. */
  steps(metres: number): number {
    return Math.max(-this.limit, Math.min(this.limit, Math.round(metres * this.perMetre))) || 0
  }

  #syncPosition(slot: number, view: EntityView): boolean {
    const [x, y] = [this.steps(view.x), this.steps(view.y)]
    const z = this.#deep ? this.steps(view.z ?? 0) : 0
    if (this.x[slot] === x && this.y[slot] === y && this.z[slot] === z) return false
    this.x[slot] = x
    this.y[slot] = y
    this.z[slot] = z
    return true
  }

  #grow(): void {
    const capacity = 2 * this.capacity
    this.ids = grown(this.ids, new Uint32Array(capacity))
    this.party = grown(this.party, new Uint32Array(capacity))
    for (const name of ['x', 'y', 'z', 'moved', 'changed'] as const) this[name] = grown(this[name], new Int32Array(capacity))
    this.since = grown(this.since, new Int32Array(capacity).fill(NEVER))
    this.sinceMask = grown(this.sinceMask, new Int32Array(capacity))
    this.written.fit(capacity)
    this.trails.fit(capacity)
    for (const column of this.columns) {
      if (column.raw.length > 0) column.raw = grown(column.raw, new Uint32Array(capacity))
      column.changed = grown(column.changed, new Int32Array(capacity))
    }
  }
}

function syncColumn(column: Column, slot: number, view: EntityView): boolean {
  const { field, form, raw, texts } = column
  const value = column.read(view) ?? field.initial
  if (form !== undefined) {
    const next = form.toRaw(value)
    if (raw[slot] === next) return false
    raw[slot] = next
    return true
  }
  const text = typeof value === 'string' ? value : String(value)
  if (texts[slot] === text) return false
  texts[slot] = text
  column.textBytes[slot] = textBytes(text)
  return true
}

/** A function for each of the fields that all entities have: a read by a name that varies costs V8 a search, for each entity and field in each step. */
const readers: Record<string, (view: EntityView) => unknown> = {
  heading: (view) => view.heading,
  flags: (view) => view.flags,
  kind: (view) => view.kind,
  name: (view) => view.name,
}

function readerOf({ name }: EntityField): (view: EntityView) => unknown {
  return readers[name] ?? ((view) => (view as unknown as Record<string, unknown>)[name]) // a game's entity has a member for each declared field
}
