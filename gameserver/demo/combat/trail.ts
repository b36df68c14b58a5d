import type { EntityId } from '../../../model/ids.ts'

interface Point {
  x: number
  y: number
}
interface Place extends Point {
  /** Simulation step from which on it stood there. */
  tick: number
}

/**
 * Where entities were in the last steps, so that an attack hits what the attacker saw. Older places are forgotten: memory is bounded, and nobody hits where a
 * target was long ago.
 */
export class Trail {
  readonly #steps: number
  readonly #places = new Map<EntityId, Place[]>()

  /** `steps`: how many simulation steps back an attack may reach. */
  constructor(steps: number) {
    this.#steps = steps
  }

  /** Call when an entity is added and after each step in which it moved. */
  record(id: EntityId, { x, y }: Point, tick: number): void {
    const places = this.#places.get(id)
    if (places === undefined) {
      this.#places.set(id, [{ tick, x, y }])
      return
    }
    places.push({ tick, x, y })
    // The newest place that is too old stays: the entity stood there until the next one.
    while ((places[1]?.tick ?? tick) <= tick - this.#steps) places.shift()
  }

  /** Where the entity was at this step, as seen at step `now`. A step in the future or before the limit counts as the nearest one that is allowed. */
  at(id: EntityId, tick: number, now: number): Point | undefined {
    const allowed = Math.max(now - this.#steps, Math.min(now, tick))
    const places = this.#places.get(id)
    return places?.findLast((place) => place.tick <= allowed) ?? places?.[0]
  }
}
