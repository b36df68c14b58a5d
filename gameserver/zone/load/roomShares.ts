import type { DurationMs } from '../../../model/clock.ts'
import type { CopyId } from '../../../model/ids.ts'

/** Weight of one step in the moving average of a room's share. At 20 Hz the average covers about one second. */
const WEIGHT = 0.05

/**
 * How much of the one thread of this process each of its rooms uses. A room that uses more than its fair share is thinned first, and does not take the turns of
 * others: the other rooms of the process keep their rate.
 */
export class RoomShares {
  readonly #shares = new Map<CopyId, number>()

  /** Records one step of a room: how long it took, and its interval. */
  record(copy: CopyId, tookMs: DurationMs, stepMs: DurationMs): void {
    const before = this.#shares.get(copy) ?? 0
    this.#shares.set(copy, before + (tookMs / stepMs - before) * WEIGHT)
  }

  forget(copy: CopyId): void {
    this.#shares.delete(copy)
  }

  /** Share of the thread that the steps of the room use, 0..1 and above. */
  of(copy: CopyId): number {
    return this.#shares.get(copy) ?? 0
  }

  /** Whether the room uses more than an equal part of the thread. A room alone may use all of it. */
  exceedsFairShare(copy: CopyId): boolean {
    return this.#shares.size > 1 && this.of(copy) > 1 / this.#shares.size
  }

  /** Whether this room has to give way when steps are late: it uses too much, or no room does and the load comes from elsewhere. */
  hasToGiveWay(copy: CopyId): boolean {
    return this.exceedsFairShare(copy) || ![...this.#shares.keys()].some((one) => this.exceedsFairShare(one))
  }
}
