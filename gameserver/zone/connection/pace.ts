import type { DurationMs } from '../../../model/clock.ts'

/** Unsent bytes above which a client counts as slow: more than any snapshot of a usual scene, so the system's own buffer is full. */
const SLOW_ABOVE_BYTES = 4 * 1024
/** A client counts as slow when this many pings have no answer: the older one was sent at least one interval ago (3 s). */
const SLOW_PINGS = 2
/** A client whose newest snapshot arrives this much later than at its best, in ms, counts as slow: snapshots pile up in the network. */
const SLOW_ABOVE_MS: DurationMs = 400
/** Per turn: a slow client's share falls quickly, and rises slowly afterwards. A client at a third of the speed settles there within two seconds. */
const FALL = 0.7
const RISE = 0.02
const LEAST = 1 / 8
/** Per confirmation: how far the best delay moves towards a longer one, so that a route that became longer counts as usual after about a minute. */
const DRIFT = 0.002

/**
 * How much one client gets, as a share of what the room would send: of its bytes a second and, below a half, of its snapshots. Follows the bytes that are
 * unsent, how late the client confirms snapshots, and whether it answers pings.
 */
export class Pace {
  #share = 1
  #turn = 0
  #bestMs = Number.POSITIVE_INFINITY
  #lateMs: DurationMs = 0

  /** From `LEAST` to 1. */
  get share(): number {
    return this.#share
  }

  /** Call it when a snapshot is due. Returns whether the client gets it: each one, every second or every fourth. */
  takesTurn(unsentBytes: number, unansweredPings: number): boolean {
    const slow = unsentBytes > SLOW_ABOVE_BYTES || unansweredPings >= SLOW_PINGS || this.#lateMs > SLOW_ABOVE_MS
    this.#share = slow ? Math.max(LEAST, this.#share * FALL) : Math.min(1, this.#share + RISE)
    this.#turn++
    return this.#turn % (this.#share > 1 / 2 ? 1 : this.#share > 1 / 4 ? 2 : 4) === 0
  }

  /** The client has confirmed a snapshot; `behindMs`: for how long newer ones are under way. */
  confirmed(behindMs: DurationMs): void {
    this.#bestMs = behindMs < this.#bestMs ? behindMs : this.#bestMs + (behindMs - this.#bestMs) * DRIFT
    this.#lateMs = behindMs - this.#bestMs
  }
}
