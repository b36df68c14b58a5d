import type { EntityTable } from '../../../model/wire/entities/entityTable.ts'
import type { Point } from './surroundings.ts'

/** Where a viewer is, in steps, and how far it has moved so far, at most. All are whole numbers, which V8 keeps in the object itself. */
export class Eye implements Point {
  x = 0
  y = 0
  z = 0
  walked = 0

  /** Moves to the place of the viewer. Returns the way in steps. `at` in metres. */
  follow(table: EntityTable, at: { x: number; y: number; z?: number }): number {
    const [x, y] = [table.steps(at.x), table.steps(at.y)]
    const z = table.entities.dimensions === 3 ? table.steps(at.z ?? 0) : 0
    if (x === this.x && y === this.y && z === this.z) return 0
    const way = Math.sqrt((x - this.x) ** 2 + (y - this.y) ** 2 + (z - this.z) ** 2)
    this.walked += Math.ceil(way)
    this.x = x
    this.y = y
    this.z = z
    return way
  }
}
