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

/** Time in ms over which the length of the server's ticks is measured: a server that is short of CPU has longer ticks than it announces. */
const TICK_WINDOW_MS = 1_000

/**
 * What one player sees, and how old it is: the server's ticks from the last new value until the newest snapshot, and the time since that arrived. An entity
 * that does not move is never old, so only entities with the flag of moving ones are counted.
 */
export class ViewAges {
  readonly #decoder: SnapshotDecoder
  #msPerTick: number
  readonly #movingFlag: number
  readonly #self: EntityId
  readonly #seen = new Map<EntityId, Seen>()
  /** The newest snapshot, and the one with which the window began in which the length of ticks is measured. */
  #newest = { tick: 0, at: 0 }
  #window: { tick: number; at: number } | undefined

  constructor({ stepMs, movingFlag, self, layout }: { stepMs: number; movingFlag: number; self: EntityId; layout: EntitiesLayout }) {
    this.#decoder = new SnapshotDecoder(layout)
    this.#msPerTick = stepMs
    this.#movingFlag = movingFlag
    this.#self = self
  }

  /** Number of entities in sight, without the player itself. */
  get inSight(): number {
    return this.#seen.size - (this.#seen.has(this.#self) ? 1 : 0)
  }

  apply(bytes: Uint8Array, nowMs: number): void {
    const { tick, full, entered, changed, left } = this.#decoder.decode(bytes)
    this.#newest = { tick, at: nowMs }
    this.#measureTicks()
    if (full) this.#seen.clear()
    for (const { id, x, y, flags } of entered) this.#seen.set(id, { x, y, flags, tick })
    for (const { id, x, y, flags } of changed) {
      const seen = this.#seen.get(id)
      if (seen !== undefined) Object.assign(seen, { x: x ?? seen.x, y: y ?? seen.y, flags: flags ?? seen.flags, tick })
    }
    for (const id of left) this.#seen.delete(id)
  }

  #measureTicks(): void {
    const { tick, at } = this.#newest
    this.#window ??= { tick, at }
    const [ticks, ms] = [tick - this.#window.tick, at - this.#window.at]
    if (ms < TICK_WINDOW_MS || ticks === 0) return
    this.#msPerTick = ms / ticks
    this.#window = { tick, at }
  }

  /** Adds the present ages of the moving entities in sight. */
  sample({ all, near }: Ages, nowMs: number): void {
    const me = this.#seen.get(this.#self)
    const sinceNewest = nowMs - this.#newest.at
    for (const [id, { x, y, flags, tick }] of this.#seen) {
      if (id === this.#self || (flags & this.#movingFlag) === 0) continue
      const age = (this.#newest.tick - tick) * this.#msPerTick + sinceNewest
      all.add(age)
      if (me !== undefined && Math.hypot(x - me.x, y - me.y) <= NEAR_M) near.add(age)
    }
  }
}
