import type { EntityId } from '../../../model/ids.ts'
import type { EntityTable } from '../../../model/wire/entities/entityTable.ts'
import type { Point } from './surroundings.ts'
import type { Viewer } from './viewer.ts'

/** Where a viewer is, in steps, and how far it has moved so far, at most. All are whole numbers, which V8 keeps in the object itself. */
export class Eye implements Point {
  x = 0
  y = 0
  z = 0
  walked = 0

  /** Slot of the viewer's body at the last call. */
  #slot = 0

  /** Moves to the place of the viewer. Returns the way in steps. */
  follow(table: EntityTable, viewer: Viewer): number {
    const slot = this.#slotOf(table, viewer.id)
    if (slot !== undefined) return this.#moveTo(table.x[slot] ?? 0, table.y[slot] ?? 0, table.z[slot] ?? 0)
    const { x, y, z = 0 } = viewer.at
    return this.#moveTo(table.steps(x), table.steps(y), table.entities.dimensions === 3 ? table.steps(z) : 0)
  }

  #slotOf(table: EntityTable, id: EntityId): number | undefined {
    if (id === 0) return undefined
    if (table.ids[this.#slot] === id) return this.#slot
    const slot = table.slotOf(id)
    if (slot !== undefined) this.#slot = slot
    return slot
  }

  #moveTo(x: number, y: number, z: number): number {
    if (x === this.x && y === this.y && z === this.z) return 0
    const way = Math.sqrt((x - this.x) ** 2 + (y - this.y) ** 2 + (z - this.z) ** 2)
    this.walked += Math.ceil(way)
    this.x = x
    this.y = y
    this.z = z
    return way
  }
}
