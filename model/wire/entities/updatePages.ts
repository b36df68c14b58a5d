import type { ByteWriter } from './bytes.ts'
import type { Updates } from './picture.ts'

/** Longer updates, in bytes with their first byte, are not kept but written for each client. Most have 3 to 6. */
const BYTES_MAX = 12
/** Cells of a row: the update's number of bytes, and its bytes in words of 32 bits. */
const LENGTH = 0
const WORDS = 1
const WIDTH = WORDS + BYTES_MAX / 4
/** In LENGTH: no update is kept; the entity may have changed or not. */
const OPEN = 255
/** In LENGTH: nothing has changed. */
const UNCHANGED = 0

/** The first rows of each page are for indexes without a slot; those of the slots follow. */
const ROWS_BEFORE = 2
/** In place of a slot: no entity has this index, or the entity in it is not steady. */
export const FREE = -1
export const APART = -2

/** A page is filled when this many snapshots have begun with it. Pages of single clients, which get a snapshot at another step than most, are not. */
const FILLED_AT = 4
/** Number of pages. The page of a tick is that of its remainder. Clients of a room were up to date 1 to 4 ticks ago, unless they are behind. */
const PAGES = 8
/** A tick before all others. */
const NEVER = -(2 ** 31)
/** Larger distances to the previous index do not fit into the first byte. */
const GAP_MAX = 6

/**
 * The entities that one client knows, by its index (`Known`). A steady entity shows the usual fields, and the client was up to date about it at `asOf`. From
 * `start` on, `numbers` has for each index the slot of a steady entity, FREE, or APART.
 */
export interface KnownEntities {
  numbers: Int32Array
  start: number
  asOf: number
  end: number
}

/** By slot: the tick of the last change. Slots are below `end`. */
interface Changes {
  readonly changed: Int32Array
  readonly end: number
}

/**
 * Updates as bytes, for as long as no entity changes. Clients that were up to date at the same tick and see the usual fields get the same bytes of an entity,
 * except for their own index of it. So an entity in the sight of many is written once a step and copied for the others. There is a page for each such tick, with
 * a row for each slot.
 */
export class UpdatePages {
  /** Bytes that an update takes at most in the loops below. */
  readonly bytesMax = BYTES_MAX
  /** The index of the last update that was written, and the number of updates. Callers set both when they write an update. */
  previous = -1
  count = 0
  #cells = new Int32Array(0)
  #rows = 0
  /** By page: the tick at which its clients were up to date; NEVER for a page that does not hold any more. */
  readonly #since = new Int32Array(PAGES)
  /** By page: number of snapshots that have begun with it. */
  readonly #uses = new Int32Array(PAGES)
  /** First row of the page of the client whose snapshot is written. */
  #first = 0

  constructor(capacity: number) {
    this.fit(capacity)
  }

  /** Makes room for slots below `capacity`. */
  fit(capacity: number): void {
    this.#rows = capacity + ROWS_BEFORE
    this.#cells = new Int32Array(PAGES * this.#rows * WIDTH)
    this.drop()
  }

  /** An entity has changed: nothing that is kept holds any more. */
  drop(): void {
    this.#since.fill(NEVER)
  }

  /**
   * The snapshot of a client begins that was up to date about its steady entities at this tick. Returns `true` once for each page, when several clients have used it: then
   * the updates that nobody has needed yet are better written at once (`unwritten`).
   */
  begin(since: number, changes: Changes): boolean {
    this.previous = -1
    this.count = 0
    const page = since & (PAGES - 1)
    this.#first = page * this.#rows
    if (this.#since[page] !== since) this.#open(page, since, changes)
    const uses = (this.#uses[page] ?? 0) + 1
    this.#uses[page] = uses
    return uses === FILLED_AT
  }

  /** Whether the update of this slot is not known yet in the page that was begun last. */
  unwritten(slot: number): boolean {
    return this.#cells[(this.#first + ROWS_BEFORE + slot) * WIDTH + LENGTH] === OPEN
  }

  /** An empty page. */
  #open(page: number, since: number, { changed, end }: Changes): void {
    const cells = this.#cells
    const first = page * this.#rows * WIDTH + LENGTH
    this.#since[page] = since
    this.#uses[page] = 0
    cells[first + (APART + ROWS_BEFORE) * WIDTH] = OPEN
    cells[first + (FREE + ROWS_BEFORE) * WIDTH] = UNCHANGED
    for (let slot = 0, cell = first + ROWS_BEFORE * WIDTH; slot < end; slot++, cell += WIDTH) cells[cell] = (changed[slot] ?? 0) > since ? OPEN : UNCHANGED
  }

  /**
   * Writes updates for the steady entities that one client knows, from index `from` on, as long as they are kept. Returns the first index whose update is not kept,
   * or whose entity is apart. Reserve `bytesMax` for each index before. Runs for each entity in each sight: all its numbers are whole ones of 32 bits (`| 0`),
   * it reads one row for each, and it calls nothing, so that V8 keeps the numbers in registers.
   */
  copyChanged(out: ByteWriter, { numbers, start, end }: KnownEntities, from: number): number {
    const cells = this.#cells
    const { words } = out
    const first = ((this.#first + ROWS_BEFORE) * WIDTH) | 0
    const known = start | 0
    const last = end | 0
    let previous = this.previous | 0
    let count = this.count | 0
    let at = out.length | 0
    let index = from | 0
    for (; index < last; index = (index + 1) | 0) {
      const cell = (first + (numbers[known + index] ?? 0) * WIDTH) | 0
      const length = cells[cell] ?? 0
      if (length === UNCHANGED) continue
      const gap = (index - previous - 1) | 0
      if (length > BYTES_MAX || gap > GAP_MAX) break
      words.setInt32(at, (cells[cell + 1] ?? 0) | gap, true)
      words.setInt32(at + 4, cells[cell + 2] ?? 0, true)
      words.setInt32(at + 8, cells[cell + 3] ?? 0, true)
      at = (at + length) | 0
      previous = index
      count = (count + 1) | 0
    }
    out.length = at
    this.previous = previous
    this.count = count
    return index
  }

  /**
   * Writes updates from row `from` on, as long as they are kept and near to the previous index. Returns the row of the first one that is not. Reserve
   * `bytesMax` for each row before. Runs for each entity in each sight.
   */
  copy(out: ByteWriter, { index, place, since, count }: Updates, from: number): number {
    const cells = this.#cells
    const sinces = this.#since
    const { words } = out
    const rows = this.#rows | 0
    let previous = from === 0 ? -1 : (index[from - 1] ?? 0)
    let at = out.length | 0
    let row = from | 0
    for (; row < count; row = (row + 1) | 0) {
      const tick = since[row] ?? 0
      const page = tick & (PAGES - 1)
      const cell = ((page * rows + (place[row] ?? 0) + ROWS_BEFORE) * WIDTH) | 0
      const length = cells[cell] ?? 0
      const gap = ((index[row] ?? 0) - previous - 1) | 0
      if (sinces[page] !== tick || length > BYTES_MAX || gap > GAP_MAX) break
      words.setInt32(at, (cells[cell + 1] ?? 0) | gap, true)
      words.setInt32(at + 4, cells[cell + 2] ?? 0, true)
      words.setInt32(at + 8, cells[cell + 3] ?? 0, true)
      at = (at + length) | 0
      previous = index[row] ?? 0
    }
    out.length = at
    return row
  }

  /** A client that was up to date about the entity in this slot at this tick and sees the usual fields gets no update of it. */
  noteUnchanged(slot: number, since: number): void {
    const cell = this.#cellOf(slot, since)
    if (cell >= 0) this.#cells[cell + LENGTH] = UNCHANGED
  }

  /** Keeps what `out` has after `start`, with the first byte `head` before it: the update of an entity since this tick with the usual fields. */
  keep(out: ByteWriter, start: number, { head, slot, since }: { head: number; slot: number; since: number }): void {
    const cell = this.#cellOf(slot, since)
    const length = 1 + out.length - start
    if (cell < 0 || length > BYTES_MAX) return
    const cells = this.#cells
    cells[cell + LENGTH] = length
    cells[cell + WORDS] = head | (out.words.getInt32(start, true) << 8)
    for (let n = 1; n < BYTES_MAX / 4; n++) cells[cell + WORDS + n] = out.words.getInt32(start + 4 * n - 1, true)
  }

  /** First cell of a row; −1 when the page is that of another tick. */
  #cellOf(slot: number, since: number): number {
    const page = since & (PAGES - 1)
    return this.#since[page] === since ? (page * this.#rows + slot + ROWS_BEFORE) * WIDTH : -1
  }
}
