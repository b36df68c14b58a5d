/** Positions that are kept of each entity. An update counts from one of the last ones: while an entity moves at each step, from up to 0.8 s ago at 20 Hz. */
const KEPT = 16
/** Cells of a position: the tick from which on the entity was there, and the axes in steps. */
const CELL = { tick: 0, x: 1, y: 2, z: 3 } as const
const WIDTH = 4

/**
 * Where each entity was at the last ticks, by slot. A client knows the position of the tick at which it was up to date, so that no position has to be kept
 * for each client and entity.
 */
export class Trails {
  #rows = new Int32Array(0)
  /** By slot: how many positions the entity has had. */
  #count = new Int32Array(0)
  readonly #found = { x: 0, y: 0, z: 0 }

  constructor(capacity: number) {
    this.fit(capacity)
  }

  /** Makes room for slots below `capacity`. */
  fit(capacity: number): void {
    const [rows, count] = [this.#rows, this.#count]
    this.#rows = new Int32Array(capacity * KEPT * WIDTH)
    this.#rows.set(rows)
    this.#count = new Int32Array(capacity)
    this.#count.set(count)
  }

  /** Another entity has this slot now. */
  clear(slot: number): void {
    this.#count[slot] = 0
  }

  /** The entity is from this tick on where `positions` has it, by slot. */
  add(slot: number, tick: number, positions: { x: Int32Array; y: Int32Array; z: Int32Array }): void {
    const rows = this.#rows
    const count = this.#count[slot] ?? 0
    const at = (slot * KEPT + (count % KEPT)) * WIDTH
    rows[at + CELL.tick] = tick
    rows[at + CELL.x] = positions.x[slot] ?? 0
    rows[at + CELL.y] = positions.y[slot] ?? 0
    rows[at + CELL.z] = positions.z[slot] ?? 0
    this.#count[slot] = count + 1
  }

  /** The position at this tick; undefined when it is too long ago, or before the entity was added. Valid until the next call. */
  at(slot: number, tick: number): { x: number; y: number; z: number } | undefined {
    const rows = this.#rows
    const count = this.#count[slot] ?? 0
    for (let n = count - 1; n >= Math.max(0, count - KEPT); n--) {
      const at = (slot * KEPT + (n % KEPT)) * WIDTH
      if ((rows[at + CELL.tick] ?? 0) > tick) continue
      this.#found.x = rows[at + CELL.x] ?? 0
      this.#found.y = rows[at + CELL.y] ?? 0
      this.#found.z = rows[at + CELL.z] ?? 0
      return this.#found
    }
    return undefined
  }
}
