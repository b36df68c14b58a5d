import { grown } from '../../../model/wire/entities/entityTable.ts'
import { DUE, FLOOR, RANKS } from './priority.ts'

/** The updates that one snapshot could contain, and the choice among them. Reused for each snapshot. */
export class Candidates {
  count = 0
  /**
   * By candidate, ascending by index: index of the entity, mask of its changes, and, set only when there is not enough for all: bytes on the wire, and
   * rank (priority.ts).
   */
  index = new Int32Array(64)
  mask = new Int32Array(64)
  bytes = new Int32Array(64)
  rank = new Int32Array(64)
  /** All changes of all candidates. */
  anyMask = 0
  readonly #bytesOfRank = new Float64Array(RANKS)

  clear(): void {
    this.count = 0
    this.anyMask = 0
  }

  add(index: number, mask: number): void {
    if (this.count === this.index.length) this.#grow()
    this.index[this.count] = index
    this.mask[this.count++] = mask
    this.anyMask |= mask
  }

  /**
   * Sets the mask of each candidate that has to wait to 0. Those of the highest ranks come first, while the budget lasts; from FLOOR on the larger budget
   * of the floor counts. `onlyDue`: candidates that are not due yet wait although there are bytes.
   */
  choose(budget: number, floorBudget: number, onlyDue: boolean): void {
    const perRank = this.#bytesOfRank.fill(0)
    for (let n = 0; n < this.count; n++) perRank[this.rank[n] ?? 0] = (perRank[this.rank[n] ?? 0] ?? 0) + (this.bytes[n] ?? 0)
    let [left, floorLeft] = [budget, floorBudget]
    // The lowest rank of which all fit, and the bytes for the rank below it.
    let all = RANKS
    for (let rank = RANKS - 1; rank >= (onlyDue ? DUE : 0); rank--) {
      const needed = perRank[rank] ?? 0
      if (needed > (rank >= FLOOR ? floorLeft : left)) break
      left -= needed
      floorLeft -= needed
      all = rank
    }
    const partial = all - 1
    let rest = partial < (onlyDue ? DUE : 0) ? 0 : partial >= FLOOR ? floorLeft : left
    for (let n = 0; n < this.count; n++) {
      const rank = this.rank[n] ?? 0
      if (rank >= all) continue
      if (rank === partial && rest >= (this.bytes[n] ?? 0)) rest -= this.bytes[n] ?? 0
      else this.mask[n] = 0
    }
  }

  #grow(): void {
    const capacity = 2 * this.index.length
    for (const name of ['index', 'mask', 'bytes', 'rank'] as const) this[name] = grown(this[name], new Int32Array(capacity))
  }
}
