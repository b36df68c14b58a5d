import { grown } from './grown.ts'

/** A list of whole numbers in rows of `width`. Reused for each snapshot, so that a snapshot allocates nothing here. */
export class Rows {
  readonly width: number
  /** All rows one after another. Replaced when a row is added. */
  values: Int32Array
  count = 0

  constructor(width: number) {
    this.width = width
    this.values = new Int32Array(width * 64)
  }

  clear(): void {
    this.count = 0
  }
  /** Adds a row and returns its number. Its cells keep old values until they are set. */
  add(): number {
    if ((this.count + 1) * this.width > this.values.length) this.values = grown(this.values, new Int32Array(2 * this.values.length))
    return this.count++
  }
  /** Makes room for `rows` more rows, and returns all values: for a loop that writes rows itself and counts them in `count`. */
  room(rows: number): Int32Array {
    const needed = (this.count + rows) * this.width
    if (needed > this.values.length) this.values = grown(this.values, new Int32Array(2 * needed))
    return this.values
  }
  at(row: number, cell: number): number {
    return this.values[row * this.width + cell] ?? 0
  }
  set(row: number, cell: number, value: number): void {
    this.values[row * this.width + cell] = value
  }
}

/** Cells of the rows of a picture. */
export const LEFT = { index: 0, id: 1 } as const
export const ENTERED = { index: 0, slot: 1, mask: 2 } as const
/** The last tick at which the client was up to date and the audience it belonged to then are for the choice of updates only. */
export const UPDATED = { index: 0, slot: 1, mask: 2, x: 3, y: 4, z: 5, current: 6, audience: 7 } as const
export const UPDATED_WIDTH = 8

/**
 * What one client gets in one snapshot, as indexes and slots. An index is the client's own small number for an entity: the server gives it when the
 * entity enters, and may use it again after the entity left.
 */
export interface Picture {
  tick: number
  lastInput: number
  full: boolean
  /** Rows of: index, id as a signed integer. Ascending by index. */
  readonly left: Rows
  /** Rows of: index, slot, mask of the fields to include. */
  readonly entered: Rows
  /** Rows of: index, slot, mask of changes, and the position in steps that the client has (see UPDATED). Ascending by index. */
  readonly updated: Rows
}

export function emptyPicture(): Picture {
  return { tick: 0, lastInput: 0, full: false, left: new Rows(2), entered: new Rows(3), updated: new Rows(UPDATED_WIDTH) }
}
