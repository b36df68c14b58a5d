import type { DurationMs, Instant } from '../../../model/clock.ts'
import type { EntityId } from '../../../model/ids.ts'
import { along, type Point } from './walls/walls.ts'

/** Numbers for each sample: time, x, y. */
const FIELDS = 3

interface Track {
  readonly samples: Float64Array
  /** Samples that were ever recorded; the next one is at `count % capacity`. */
  count: number
}

/** Where entities were within the last `keepMs`, to judge an action by what its player saw. */
export class PositionHistory {
  readonly #keepMs: DurationMs
  readonly #capacity: number
  readonly #tracks = new Map<EntityId, Track>()

  /** `stepMs`: time between two calls of `record` for one entity. */
  constructor(keepMs: DurationMs, stepMs: DurationMs) {
    this.#keepMs = keepMs
    this.#capacity = Math.ceil(keepMs / stepMs) + 2
  }

  record(id: EntityId, { x, y }: Point, now: Instant): void {
    let track = this.#tracks.get(id)
    if (track === undefined) {
      track = { samples: new Float64Array(FIELDS * this.#capacity), count: 0 }
      this.#tracks.set(id, track)
    }
    const { samples } = track
    const at = FIELDS * (track.count++ % this.#capacity)
    samples[at] = now
    samples[at + 1] = x
    samples[at + 2] = y
  }

  forget(id: EntityId): void {
    this.#tracks.delete(id)
  }

  /** Drops entities that were not recorded within the kept time. */
  forgetOlder(now: Instant): void {
    for (const id of this.#tracks.keys()) if (this.since(id, now - this.#keepMs).next().done === true) this.#tracks.delete(id)
  }

  /** Where the entity was at this instant, between two samples on the straight line. The oldest sample before the kept time, the newest for the future. */
  at(id: EntityId, instant: Instant): Point | undefined {
    let later: Sample | undefined
    for (const sample of this.since(id, Number.NEGATIVE_INFINITY)) {
      if (sample.at <= instant) {
        if (later === undefined) return sample
        return along(sample, later, (instant - sample.at) / Math.max(1, later.at - sample.at))
      }
      later = sample
    }
    return later
  }

  /** All kept samples since this instant, the newest first. */
  *since(id: EntityId, instant: Instant): Generator<Sample> {
    const track = this.#tracks.get(id)
    if (track === undefined) return
    const oldest = Math.max(0, track.count - this.#capacity)
    for (let number = track.count - 1; number >= oldest; number--) {
      const place = FIELDS * (number % this.#capacity)
      const at = track.samples[place] ?? 0
      if (at < instant) return
      yield { at, x: track.samples[place + 1] ?? 0, y: track.samples[place + 2] ?? 0 }
    }
  }
}

export interface Sample extends Point {
  at: Instant
}
