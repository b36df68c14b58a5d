import type { Allowance } from './allowance.ts'
import { DUE, FLOOR, RANKS } from './priority.ts'

/** Rank of an update that has to wait. */
export const WAITS = -1

/** The choice among the updates that one snapshot could contain, when there is not enough for all. Reused for each snapshot. */
export class Candidates {
  /** By update: bytes on the wire, and rank (priority.ts). */
  bytes = new Int32Array(64)
  rank = new Int32Array(64)
  readonly #bytesOfRank = new Float64Array(RANKS)

  /** Makes room for `count` updates. */
  fit(count: number): void {
    if (count <= this.rank.length) return
    this.bytes = new Int32Array(2 * count)
    this.rank = new Int32Array(2 * count)
  }

  /**
   * Sets the rank of each update that has to wait to WAITS. Those of the highest ranks come first, while the budget lasts; from FLOOR on the larger budget
   * of the floor counts. `onlyDue`: updates that are not due yet wait although there are bytes.
   */
  choose(count: number, { bytes: budget, floorBytes }: Pick<Allowance, 'bytes' | 'floorBytes'>, onlyDue: boolean): void {
    const perRank = this.#bytesOfRank.fill(0)
    for (let n = 0; n < count; n++) perRank[this.rank[n] ?? 0] = (perRank[this.rank[n] ?? 0] ?? 0) + (this.bytes[n] ?? 0)
    let [left, floorLeft] = [budget, floorBytes]
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
    for (let n = 0; n < count; n++) {
      const rank = this.rank[n] ?? 0
      if (rank >= all) continue
      if (rank === partial && rest >= (this.bytes[n] ?? 0)) rest -= this.bytes[n] ?? 0
      else this.rank[n] = WAITS
    }
  }
}
