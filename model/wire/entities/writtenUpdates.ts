import type { ByteWriter } from './bytes.ts'
import type { Updates } from './picture.ts'

/** Longer updates, in bytes with their first byte, are not kept but written for each client. */
const BYTES_MAX = 20
/** Cells of a row: mask and tick of the update that is kept, its number of bytes, and its bytes in words of 32 bits. Mask 0: nothing is kept. */
const MASK = 0
const SINCE = 1
const LENGTH = 2
const WORDS = 3
const WIDTH = WORDS + BYTES_MAX / 4
/** Larger distances to the previous index do not fit into the first byte. */
const GAP_MAX = 6

/**
 * The last update that was written of each entity, by slot. Clients that were up to date at the same tick and may see the same fields get the same bytes,
 * except for their own index of the entity. So an entity in the sight of many is written once a step and copied for the others.
 */
export class WrittenUpdates {
  /** Bytes that an update takes at most in `copy`. */
  readonly bytesMax = BYTES_MAX
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

  /** Keeps what `out` has after `start`, with the first byte `head` before it: the update with these fields since this tick. */
  keep(out: ByteWriter, start: number, { head, slot, mask, since }: { head: number; slot: number; mask: number; since: number }): void {
    const length = 1 + out.length - start
    if (length > BYTES_MAX) return
    const rows = this.#rows
    const cell = slot * WIDTH
    rows[cell + MASK] = mask
    rows[cell + SINCE] = since
    rows[cell + LENGTH] = length
    rows[cell + WORDS] = head | (out.words.getInt32(start, true) << 8)
    for (let n = 1; n < BYTES_MAX / 4; n++) rows[cell + WORDS + n] = out.words.getInt32(start + 4 * n - 1, true)
  }
}
