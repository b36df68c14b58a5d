import type { ByteWriter } from './bytes.ts'
import type { Updates } from './picture.ts'

/** Longer updates, in bytes with their first byte, are not kept but written for each client. */
const BYTES_MAX = 20
/**
 * Cells of a row: mask and tick of the update that is kept, all changes of the entity since that tick, the update's number of bytes, and its bytes in words of
 * 32 bits. Mask 0: no update is kept.
 */
const MASK = 0
const SINCE = 1
const CHANGES = 2
const LENGTH = 3
const WORDS = 4
const WIDTH = WORDS + BYTES_MAX / 4
/** A tick at which no client was up to date. */
const NEVER = -(2 ** 31)
/** Larger distances to the previous index do not fit into the first byte. */
const GAP_MAX = 6

/** The entities that one client knows, by its index (`Known`). */
export interface KnownEntities {
  slots: Int32Array
  current: Int32Array
  fields: Int32Array
  end: number
}

/** `mask`: the fields of the update; `changes`: all fields that changed since the tick. */
interface Kept {
  head: number
  slot: number
  mask: number
  since: number
  changes: number
}

/**
 * The last update that was written of each entity, by slot. Clients that were up to date at the same tick and may see the same fields get the same bytes,
 * except for their own index of the entity. So an entity in the sight of many is written once a step and copied for the others.
 */
export class WrittenUpdates {
  /** Bytes that an update takes at most in `copy`. */
  readonly bytesMax = BYTES_MAX
  /** The index of the last update that `copyChanged` or its caller has written, and the number of updates. */
  previous = -1
  count = 0
  #now = 0
  #rows = new Int32Array(0)

  constructor(capacity: number) {
    this.fit(capacity)
  }

  /** Makes room for slots below `capacity`. What was kept is dropped. */
  fit(capacity: number): void {
    this.#rows = new Int32Array(capacity * WIDTH)
  }

  /** The entity has changed. */
  drop(slot: number): void {
    this.#rows[slot * WIDTH + MASK] = 0
    this.#rows[slot * WIDTH + SINCE] = NEVER
  }

  /**
   * Writes updates from row `from` on, as long as they are kept and near to the previous index. Returns the row of the first one that is not. Reserve
   * `bytesMax` for each row before. Runs for each entity in each sight: without an inner loop or a call, V8 checks the arrays only once for all rows.
   */
  copy(out: ByteWriter, { index, slot, mask, since, count }: Updates, from: number): number {
    const rows = this.#rows
    const { words } = out
    let previous = from === 0 ? -1 : (index[from - 1] ?? 0)
    let at = out.length
    let row = from
    for (; row < count; row++) {
      const cell = (slot[row] ?? 0) * WIDTH
      const gap = (index[row] ?? 0) - previous - 1
      if (gap > GAP_MAX || rows[cell + MASK] !== mask[row] || rows[cell + SINCE] !== since[row]) break
      const length = rows[cell + LENGTH] ?? 0
      words.setInt32(at, (rows[cell + WORDS] ?? 0) | gap, true)
      words.setInt32(at + 4, rows[cell + WORDS + 1] ?? 0, true)
      if (length > 8) {
        words.setInt32(at + 8, rows[cell + WORDS + 2] ?? 0, true)
        words.setInt32(at + 12, rows[cell + WORDS + 3] ?? 0, true)
        words.setInt32(at + 16, rows[cell + WORDS + 4] ?? 0, true)
      }
      at += length
      previous = index[row] ?? 0
    }
    out.length = at
    return row
  }

  /** Another client's snapshot begins. */
  begin(tick: number): void {
    this.previous = -1
    this.count = 0
    this.#now = tick | 0
  }

  /**
   * Writes updates for the entities that one client knows, from index `from` on, as long as they are kept, and notes that the client is up to date now.
   * `changed`: tick of the last change, by slot. Returns the first index whose update is not kept. Reserve `bytesMax` for each index before. Runs for each entity
   * in each sight, as `copy`.
   */
  copyChanged(out: ByteWriter, { slots, current, fields, end }: KnownEntities, changed: Int32Array, from: number): number {
    const rows = this.#rows
    const { words } = out
    const now = this.#now
    let { previous, count } = this
    let at = out.length
    let index = from
    for (; index < end; index++) {
      const slot = slots[index] ?? 0
      // −1 for a free index. What all entities need is read before any branch.
      const entity = Math.max(slot, 0)
      const cell = entity * WIDTH
      const since = current[index] ?? 0
      const seen = fields[index] ?? 0
      const last = changed[entity] ?? 0
      const kept = rows[cell + SINCE] ?? 0
      const changes = rows[cell + CHANGES] ?? 0
      const mask = rows[cell + MASK] ?? 0
      const length = rows[cell + LENGTH] ?? 0
      const first = rows[cell + WORDS] ?? 0
      const second = rows[cell + WORDS + 1] ?? 0
      if (slot < 0) continue
      if (last > since) {
        const gap = index - previous - 1
        if (kept !== since || (changes & seen) !== mask || gap > GAP_MAX) break
        if (mask !== 0) {
          words.setInt32(at, first | gap, true)
          words.setInt32(at + 4, second, true)
          if (length > 8) {
            words.setInt32(at + 8, rows[cell + WORDS + 2] ?? 0, true)
            words.setInt32(at + 12, rows[cell + WORDS + 3] ?? 0, true)
            words.setInt32(at + 16, rows[cell + WORDS + 4] ?? 0, true)
          }
          at += length
          previous = index
          count++
        }
      }
      current[index] = now
    }
    out.length = at
    this.previous = previous
    this.count = count
    return index
  }

  /** Notes all changes of an entity since this tick; no update is kept of it yet. */
  note(slot: number, since: number, changes: number): void {
    const rows = this.#rows
    const cell = slot * WIDTH
    rows[cell + MASK] = 0
    rows[cell + SINCE] = since
    rows[cell + CHANGES] = changes
  }

  /** Keeps what `out` has after `start`, with the first byte `head` before it: the update with these fields since this tick. */
  keep(out: ByteWriter, start: number, { head, slot, mask, since, changes }: Kept): void {
    this.note(slot, since, changes)
    const length = 1 + out.length - start
    if (length > BYTES_MAX) {
      // `copyChanged` must not take it for an entity without a visible change.
      this.#rows[slot * WIDTH + SINCE] = NEVER
      return
    }
    const rows = this.#rows
    const cell = slot * WIDTH
    rows[cell + MASK] = mask
    rows[cell + LENGTH] = length
    rows[cell + WORDS] = head | (out.words.getInt32(start, true) << 8)
    for (let n = 1; n < BYTES_MAX / 4; n++) rows[cell + WORDS + n] = out.words.getInt32(start + 4 * n - 1, true)
  }
}
