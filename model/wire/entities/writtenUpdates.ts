import type { ByteWriter } from './bytes.ts'

/** Longer updates, in bytes, are not kept but written for each client. */
const LENGTH_MAX = 32

/** The movement of an update that has the whole position. */
export const FAR = -1

/** What an update follows from, besides the entity's present values. */
export interface UpdateKey {
  /** First byte of the update without its index. It follows from the other two. */
  head: number
  mask: number
  /** The way from the position that the client has, one byte for each axis, or FAR. */
  movement: number
}

/** Cells of a row. Mask 0: nothing is kept. */
const CELL = { head: 0, mask: 1, movement: 2, length: 3 } as const
const WIDTH = 4

/**
 * The last update that was written of each entity, by slot. Clients that were up to date at the same tick get the same bytes, except for their own index
 * of the entity, so that an entity in the sight of many is written once a step and copied for the others.
 */
export class WrittenUpdates {
  bytes: Uint8Array
  #rows: Int32Array

  constructor(capacity: number) {
    this.bytes = new Uint8Array(capacity * LENGTH_MAX)
    this.#rows = new Int32Array(capacity * WIDTH)
  }

  /** Makes room for slots below `capacity`. What was kept is dropped. */
  fit(capacity: number): void {
    this.bytes = new Uint8Array(capacity * LENGTH_MAX)
    this.#rows = new Int32Array(capacity * WIDTH)
  }

  /** The entity has changed. */
  drop(slot: number): void {
    this.#rows[slot * WIDTH + CELL.mask] = 0
  }

  has(slot: number, mask: number, movement: number): boolean {
    const at = slot * WIDTH
    return this.#rows[at + CELL.mask] === mask && this.#rows[at + CELL.movement] === movement
  }
  headOf(slot: number): number {
    return this.#rows[slot * WIDTH + CELL.head] ?? 0
  }
  lengthOf(slot: number): number {
    return this.#rows[slot * WIDTH + CELL.length] ?? 0
  }
  /** Where the bytes of the slot begin. */
  startOf(slot: number): number {
    return slot * LENGTH_MAX
  }

  /** Keeps what `out` has after `start`. */
  keep(out: ByteWriter, start: number, slot: number, { head, mask, movement }: UpdateKey): void {
    const length = out.length - start
    if (length > LENGTH_MAX) return
    out.copyOut(start, this.bytes, this.startOf(slot))
    const at = slot * WIDTH
    this.#rows[at + CELL.head] = head
    this.#rows[at + CELL.mask] = mask
    this.#rows[at + CELL.movement] = movement
    this.#rows[at + CELL.length] = length
  }
}
