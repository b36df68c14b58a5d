import type { DurationMs } from '../../../model/clock.ts'

/** Time in ms for which unused bytes may be saved up, and for which bytes may be spent in advance. */
const SAVED_MS: DurationMs = 250
/** Bytes of one snapshot besides its content: header of the WebSocket frame, and Colyseus' type. */
const FRAME_BYTES = 7

/** The bytes that one client may get in snapshots: a number of bytes a second on average. All numbers are whole ones, which V8 keeps in the object itself. */
export class Allowance {
  #bytes = 0
  #stretch = 0
  /** −1 before the first call. */
  #at = -1

  /** Adds the bytes for the time since the last call. `nowMs`: simulated time. */
  accrue(bytesPerSecond: number, nowMs: DurationMs): void {
    const now = Math.floor(nowMs)
    const most = Math.floor((bytesPerSecond * SAVED_MS) / 1000)
    const gained = this.#at < 0 ? most : Math.round((bytesPerSecond * Math.max(0, now - this.#at)) / 1000)
    this.#at = now
    this.#bytes = Math.max(-most, Math.min(most, this.#bytes + gained))
    this.#stretch = Math.min(most, gained)
  }

  /** Bytes for updates now. */
  get bytes(): number {
    return Math.max(0, this.#bytes - FRAME_BYTES)
  }
  /** Bytes for updates that must not wait: what has accrued since the last snapshot once more, so at most twice the budget over time. */
  get floorBytes(): number {
    return this.bytes + this.#stretch
  }

  spend(bytes: number): void {
    this.#bytes -= bytes + FRAME_BYTES
  }
}
