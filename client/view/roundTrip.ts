import type { RoomLink } from '../room/roomLink.ts'

/** Time between two measurements, in ms. Each is one frame of a byte; the server answers it before it reads anything else. */
const EVERY_MS = 2_000
/** Measurements whose median counts. */
const KEPT = 5

/** The time of a message to the server and back. Starts again with each new connection. */
export class RoundTrip {
  #link: RoomLink | undefined
  #kept: number[] = []
  #askedAt = Number.NEGATIVE_INFINITY

  /** The median of the last measurements in ms; undefined before the first. */
  get ms(): number | undefined {
    return this.#kept.toSorted((a, b) => a - b)[this.#kept.length >> 1]
  }

  /** Measures again if the last time is long enough ago. */
  measure(link: RoomLink | undefined, nowMs: number): void {
    if (link === undefined) return
    if (link === this.#link && nowMs - this.#askedAt < EVERY_MS) return
    if (link !== this.#link) this.#kept = []
    this.#link = link
    this.#askedAt = nowMs
    link.ping?.((roundTripMs) => {
      if (link === this.#link) this.#kept = [...this.#kept, roundTripMs].slice(-KEPT)
    })
  }
}
