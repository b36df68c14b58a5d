import type { ByteWriter } from './bytes.ts'
import { UPDATED } from './picture.ts'

/** Longer updates, in bytes, are not kept but written for each client. */
const LENGTH_MAX = 32

/** Cells of a row: first byte of the update without its index, number of bytes after that, and what the update follows from. Mask 0: nothing is kept. */
const CELL = { head: 0, length: 1, mask: 2, x: 3, y: 4, z: 5 } as const
const WIDTH = 8

/**
 * The last update that was written of each entity, by slot. Clients that were up to date at the same tick get the same bytes, except for their own index
 * of the entity, so that an entity in the sight of many is written once a step and copied for the others.
 */
export class WrittenUpdates {
  #bytes: Uint8Array
  #rows: Int32Array

  constructor(capacity: number) {
    this.#bytes = new Uint8Array(capacity * LENGTH_MAX)
    this.#rows = new Int32Array(capacity * WIDTH)
  }

  /** Makes room for slots below `capacity`. What was kept is dropped. */
  fit(capacity: number): void {
    this.#bytes = new Uint8Array(capacity * LENGTH_MAX)
    this.#rows = new Int32Array(capacity * WIDTH)
  }

  /** The entity has changed. */
  drop(slot: number): void {
    this.#rows[slot * WIDTH + CELL.mask] = 0
  }

  /** Whether the update in `values` from `at` on (see UPDATED) was written already: of the same mask, for a client with the same position. */
  has(slot: number, values: Int32Array, at: number): boolean {
    const rows = this.#rows
    const row = slot * WIDTH
    return (
      rows[row + CELL.mask] === values[at + UPDATED.mask] &&
      rows[row + CELL.x] === values[at + UPDATED.x] &&
      rows[row + CELL.y] === values[at + UPDATED.y] &&
      rows[row + CELL.z] === values[at + UPDATED.z]
    )
  }

  /** Writes the update that is kept. `gap`: distance to the previous index, less one, which must fit into the first byte. */
  copyTo(out: ByteWriter, slot: number, gap: number): void {
    const row = slot * WIDTH
    out.u8((this.#rows[row + CELL.head] ?? 0) | gap)
    out.copy(this.#bytes, slot * LENGTH_MAX, this.#rows[row + CELL.length] ?? 0)
  }

  /** Keeps what `out` has after `start`: the update in `values` from `at` on. */
  keep(out: ByteWriter, start: number, { head, values, at }: { head: number; values: Int32Array; at: number }): void {
    const length = out.length - start
    if (length > LENGTH_MAX) return
    const slot = values[at + UPDATED.slot] ?? 0
    out.copyOut(start, this.#bytes, slot * LENGTH_MAX)
    const row = slot * WIDTH
    this.#rows[row + CELL.head] = head
    this.#rows[row + CELL.length] = length
    this.#rows[row + CELL.mask] = values[at + UPDATED.mask] ?? 0
    this.#rows[row + CELL.x] = values[at + UPDATED.x] ?? 0
    this.#rows[row + CELL.y] = values[at + UPDATED.y] ?? 0
    this.#rows[row + CELL.z] = values[at + UPDATED.z] ?? 0
  }
}
