import type { EntityView } from '../../../../model/wire/snapshot.ts'
import type { InterestGrid } from '../interestGrid.ts'
import type { SightRange } from '../sight.ts'

/** What a client with enough budget must know after each snapshot, computed plainly: no list is kept but that of the ids in sight. */
export class PlainSight {
  readonly seen = new Map<number, EntityView>()
  readonly #range: SightRange

  constructor(range: SightRange) {
    this.#range = range
  }

  /** Looks at all entities of the grid. They must be on whole steps, as the wire rounds positions. */
  look(grid: InterestGrid, from: { x: number; y: number }, all: Iterable<EntityView>): void {
    const { radius, margin } = this.#range
    const before = new Set(this.seen.keys())
    this.seen.clear()
    for (const entity of all) {
      if (grid.get(entity.id) !== entity) continue
      const distance = Math.hypot(entity.x - from.x, entity.y - from.y)
      if (distance <= (before.has(entity.id) ? radius + margin : radius)) this.seen.set(entity.id, { ...entity })
    }
  }
}
