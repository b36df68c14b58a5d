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

/** A list of updates, one array for each column. Loops over them run for each entity in each client's sight: an array for each is the fastest. */
export class Updates {
  count = 0
  index = new Int32Array(64)
  slot = new Int32Array(64)
  /** The fields that have changed. */
  mask = new Int32Array(64)
  /** The last tick at which the client was up to date about the entity. */
  since = new Int32Array(64)
  /** The fields that the entity showed to the client at the last update, for updates that have to wait. */
  shown = new Int32Array(64)
  /** The slot when the entity shows the usual fields and showed them at the last update; else APART. Then the update is like that of other clients. */
  place = new Int32Array(64)

  /** Makes room for this many updates. */
  fit(count: number): void {
    if (count <= this.index.length) return
    for (const column of ['index', 'slot', 'mask', 'since', 'shown', 'place'] as const) this[column] = grown(this[column], new Int32Array(2 * count))
  }
  /** Moves an update to an earlier row. */
  move(from: number, to: number): void {
    for (const column of [this.index, this.slot, this.mask, this.since, this.shown, this.place]) column[to] = column[from] ?? 0
  }
}

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
  /** Ascending by index. */
  readonly updated: Updates
}

export function emptyPicture(): Picture {
  return { tick: 0, lastInput: 0, full: false, left: new Rows(2), entered: new Rows(3), updated: new Updates() }
}
