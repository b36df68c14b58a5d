import type { EntityId } from '../../../../model/ids.ts'
import type { EntitiesLayout } from '../../../../model/wire/entities/defineEntities.ts'
import { SnapshotDecoder } from '../../../../model/wire/entities/snapshotDecoder.ts'
import type { Millis } from './millis.ts'

/** Distance in metres up to which an entity is near. */
const NEAR_M = 10

interface Seen {
  x: number
  y: number
  flags: number
  /** Tick of the last snapshot that had a new value of it. */
  tick: number
}

/** Ages of what players see, by distance. */
export interface Ages {
  all: Millis
  near: Millis
}

/**
 * What one player sees, and how old it is. An entity that does not move is never old, so only entities with the flag of moving ones are counted. The clock of
 * the server's ticks is taken from the snapshot that arrived with the least delay.
 */
export class ViewAges {
  readonly #stepMs: number
  readonly #movingFlag: number
  readonly #self: EntityId
  readonly #seen = new Map<EntityId, Seen>()
  /** Local time of tick 0, as the fastest snapshot shows it. */
  #zeroAt = Number.POSITIVE_INFINITY

  readonly #decoder: SnapshotDecoder

  constructor({ stepMs, movingFlag, self, layout }: { stepMs: number; movingFlag: number; self: EntityId; layout: EntitiesLayout }) {
    this.#decoder = new SnapshotDecoder(layout)
    this.#stepMs = stepMs
    this.#movingFlag = movingFlag
    this.#self = self
  }

  /** Number of entities in sight, without the player itself. */
  get inSight(): number {
    return this.#seen.size - (this.#seen.has(this.#self) ? 1 : 0)
  }

  apply(bytes: Uint8Array, nowMs: number): void {
    const { tick, full, entered, changed, left } = this.#decoder.decode(bytes)
    this.#zeroAt = Math.min(this.#zeroAt, nowMs - tick * this.#stepMs)
    if (full) this.#seen.clear()
    for (const { id, x, y, flags } of entered) this.#seen.set(id, { x, y, flags, tick })
    for (const { id, x, y, flags } of changed) {
      const seen = this.#seen.get(id)
      if (seen !== undefined) Object.assign(seen, { x: x ?? seen.x, y: y ?? seen.y, flags: flags ?? seen.flags, tick })
    }
    for (const id of left) this.#seen.delete(id)
  }

  /** Adds the present ages of the moving entities in sight. */
  sample({ all, near }: Ages, nowMs: number): void {
    const me = this.#seen.get(this.#self)
    const tickNow = (nowMs - this.#zeroAt) / this.#stepMs
    for (const [id, { x, y, flags, tick }] of this.#seen) {
      if (id === this.#self || (flags & this.#movingFlag) === 0) continue
      const age = Math.max(0, (tickNow - tick) * this.#stepMs)
      all.add(age)
      if (me !== undefined && Math.hypot(x - me.x, y - me.y) <= NEAR_M) near.add(age)
    }
  }
}
