import type { EntityId } from '../../ids.ts'
import type { EntityChange, EntityView, Snapshot } from '../snapshot.ts'
import { ByteReader } from './bytes.ts'
import type { EntitiesLayout } from './defineEntities.ts'
import { type RawForm, rawForm, type WireField } from './fieldTypes.ts'
import { FULL_BIT, MORE_SHIFT, SNAPSHOT_FORMAT, UPDATE } from './snapshotWriter.ts'

/** Indexes are below this number, so that a hostile snapshot cannot make a client allocate without end. A server shows fewer entities to one client. */
const INDEX_LIMIT = 65_536

/** What the client knows of an entity: its id, and its position in steps, from which the short form of a movement counts. */
interface Known {
  id: EntityId
  x: number
  y: number
  z: number
}

/** Reads the snapshots of one connection, in order. */
export class SnapshotDecoder {
  readonly #layout: EntitiesLayout
  readonly #forms: readonly (RawForm | undefined)[]
  readonly #known = new Map<number, Known>()

  constructor(layout: EntitiesLayout) {
    this.#layout = layout
    this.#forms = layout.fields.map((field) => rawForm(field))
  }

  /**
   * Throws RangeError when the bytes end too early, are of a format that this release does not read, or name an entity that was not shown. After an
   * error the decoder is not usable: connect again.
   */
  decode(bytes: Uint8Array): Snapshot {
    const reader = new ByteReader(bytes)
    const { full, tick, lastInput } = readHead(reader)
    if (full) this.#known.clear()
    const gone = this.#readLeft(reader)
    const entered = this.#readEntered(reader)
    const changed: EntityChange[] = []
    for (let previous = -1; !reader.ended; ) previous = this.#readUpdate(reader, previous, changed)
    // An entity that left and entered again has a new index and stays the same entity.
    const again = gone.length === 0 ? undefined : new Set(entered.map(({ id }) => id))
    return { tick, lastInput, full, entered, changed, left: gone.filter((id) => again?.has(id) !== true) }
  }

  #readLeft(reader: ByteReader): EntityId[] {
    const gone: EntityId[] = []
    let previous = -1
    for (let count = reader.varint(); count > 0; count--) {
      previous += reader.varint() + 1
      gone.push(this.#at(previous).id)
      this.#known.delete(previous)
    }
    return gone
  }

  #readEntered(reader: ByteReader): EntityView[] {
    const entered: EntityView[] = []
    for (let count = reader.varint(); count > 0; count--) {
      const index = reader.varint()
      if (index >= INDEX_LIMIT) throw new RangeError(`the snapshot has the index ${index}; indexes are below ${INDEX_LIMIT}`)
      const known: Known = { id: reader.varint(), x: 0, y: 0, z: 0 }
      this.#known.set(index, known)
      const view: EntityView = { id: known.id, kind: 0, x: 0, y: 0, heading: 0, flags: 0, name: '' }
      this.#readPosition(reader, known, view)
      this.#readFields(reader, reader.varint(), view)
      entered.push(view)
    }
    return entered
  }

  #readUpdate(reader: ByteReader, previous: number, changed: EntityChange[]): number {
    const head = reader.u8()
    const gap = head & UPDATE.gapMore
    const index = previous + 1 + (gap === UPDATE.gapMore ? gap + reader.varint() : gap)
    const known = this.#at(index)
    const change: EntityChange = { id: known.id }
    const more = (head & UPDATE.more) === 0 ? 0 : reader.varint()
    if ((head & UPDATE.far) !== 0) this.#readPosition(reader, known, change)
    else if ((head & UPDATE.near) !== 0) this.#readMovement(reader, known, change)
    this.#readFields(reader, ((head >> 5) & 3) + more * 2 ** (MORE_SHIFT - 1), change)
    changed.push(change)
    return index
  }

  #readPosition(reader: ByteReader, known: Known, into: EntityChange): void {
    const { position, dimensions } = this.#layout
    known.x = reader.signed(position.bytes)
    known.y = reader.signed(position.bytes)
    if (dimensions === 3) known.z = reader.signed(position.bytes)
    this.#place(known, into)
  }

  #readMovement(reader: ByteReader, known: Known, into: EntityChange): void {
    known.x += reader.signed(1)
    known.y += reader.signed(1)
    if (this.#layout.dimensions === 3) known.z += reader.signed(1)
    this.#place(known, into)
  }

  #place({ x, y, z }: Known, into: EntityChange): void {
    const { position, dimensions } = this.#layout
    into.x = x * position.step
    into.y = y * position.step
    if (dimensions === 3) into.z = z * position.step
  }

  /** `mask`: bit n is field n of the layout. A type that this release does not know is skipped by its size. */
  #readFields(reader: ByteReader, mask: number, into: EntityChange): void {
    const values = into as unknown as Record<string, unknown> // members by the names of the layout
    const { fields } = this.#layout
    if (mask >= 2 ** fields.length) throw new RangeError('the snapshot has a field that is not in the layout')
    for (let n = 0; n < fields.length; n++) {
      const field = fields[n]
      if (field === undefined || (mask & (1 << n)) === 0) continue
      const value = readValue(reader, field, this.#forms[n])
      if (value !== undefined) values[field.name] = value
    }
  }

  #at(index: number): Known {
    const known = this.#known.get(index)
    if (known === undefined) throw new RangeError(`the snapshot names the index ${index}, which has no entity`)
    return known
  }
}

/** Tick, newest applied input, and whether the snapshot is a full one. Throws RangeError as `decode` does. For clients that only measure. */
export function readSnapshotHead(bytes: Uint8Array): Pick<Snapshot, 'full' | 'tick' | 'lastInput'> {
  return readHead(new ByteReader(bytes))
}

function readHead(reader: ByteReader): Pick<Snapshot, 'full' | 'tick' | 'lastInput'> {
  const head = reader.u8()
  if ((head & 15) !== SNAPSHOT_FORMAT) throw new RangeError(`the snapshot has format ${head & 15}; this client reads format ${SNAPSHOT_FORMAT}`)
  return { full: (head & FULL_BIT) !== 0, tick: reader.varint(), lastInput: reader.varint() }
}

function readValue(reader: ByteReader, { bytes, type }: WireField, form: RawForm | undefined): unknown {
  if (form !== undefined) return form.fromRaw(reader.unsigned(bytes))
  if (type === 'text') return reader.text()
  reader.raw(bytes === 0 ? reader.u8() : bytes)
  return undefined
}
