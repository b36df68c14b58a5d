import { ByteWriter } from '../bytes.ts'
import { type Entities, plainEntities } from '../defineEntities.ts'
import { EntityTable } from '../entityTable.ts'
import { emptyPicture, type Rows, type Updates } from '../picture.ts'
import { writeSnapshot } from '../snapshotWriter.ts'
import { writeSnapshot1 } from '../snapshotWriter1.ts'

/** The snapshots of a client that sees all entities of a table: the index is the slot. */
export class Everything {
  readonly table: EntityTable
  readonly #picture = emptyPicture()
  readonly #shown = new Map<number, { id: number; tick: number }>()
  readonly #write: typeof writeSnapshot
  #full = true

  constructor(entities: Entities = plainEntities, protocol = 2) {
    this.table = new EntityTable(entities)
    this.#write = protocol === 1 ? writeSnapshot1 : writeSnapshot
  }

  /** The next snapshot is a full one. */
  reset(): void {
    this.#shown.clear()
    this.#full = true
  }

  /** The changes since the last call. */
  snapshot(tick: number, lastInput = 0): Uint8Array {
    const { table } = this
    const picture = this.#picture
    const { left, entered, updated } = picture
    for (const rows of [left, entered, updated]) rows.count = 0
    Object.assign(picture, { tick, lastInput, full: this.#full })
    this.#full = false
    for (let slot = 0; slot < table.end; slot++) {
      const id = table.ids[slot] ?? 0
      let shown = this.#shown.get(slot)
      if (shown !== undefined && shown.id !== id) {
        addRow(left, slot, shown.id)
        this.#shown.delete(slot)
        shown = undefined
      }
      if (id === 0) continue
      const mask = shown === undefined ? table.entities.masks.owner : table.changesSince(slot, shown.tick)
      if (shown === undefined) addRow(entered, slot, slot, mask)
      else if (mask !== 0) addUpdate(updated, slot, mask, shown.tick)
      this.#shown.set(slot, { id, tick })
    }
    const out = new ByteWriter()
    this.#write(out, table, picture)
    return out.take()
  }

  /** Reads all entities of the table, as a room does once a step. */
  sync(tick: number): void {
    for (let slot = 0; slot < this.table.end; slot++) this.table.sync(slot, tick)
  }
}

function addUpdate(updated: Updates, slot: number, mask: number, since: number): void {
  updated.fit(updated.count + 1)
  const row = updated.count++
  updated.index[row] = slot
  updated.slot[row] = slot
  updated.mask[row] = mask
  updated.since[row] = since
}

function addRow(rows: Rows, ...cells: number[]): void {
  const row = rows.add()
  for (const [cell, value] of cells.entries()) rows.set(row, cell, value)
}
