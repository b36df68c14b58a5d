import type { EntityId } from '../../../model/ids.ts'
import type { EntityView } from '../../../model/wire/snapshot.ts'

/** Spatial index of all entities in a room, in square cells. The cost of a range query depends on what is near, not on the size of the room. */
export class InterestGrid {
  readonly #cellSize: number
  readonly #cells = new Map<number, Set<EntityView>>()
  readonly #entities = new Map<EntityId, { entity: EntityView; cell: number }>()

  constructor(cellSize: number) {
    this.#cellSize = cellSize
  }

  get size(): number {
    return this.#entities.size
  }
  get(id: EntityId): EntityView | undefined {
    return this.#entities.get(id)?.entity
  }

  /** Adds an entity; it replaces an entity with the same id. */
  add(entity: EntityView): void {
    this.remove(entity.id)
    const cell = this.#cellOf(entity.x, entity.y)
    this.#entities.set(entity.id, { entity, cell })
    this.#cell(cell).add(entity)
  }

  remove(id: EntityId): void {
    const entry = this.#entities.get(id)
    if (entry === undefined) return
    this.#entities.delete(id)
    const cell = this.#cells.get(entry.cell)
    cell?.delete(entry.entity)
    if (cell?.size === 0) this.#cells.delete(entry.cell)
  }

  /** Call after an entity's position has changed. */
  moved(id: EntityId): void {
    const entry = this.#entities.get(id)
    if (entry === undefined) return
    const cell = this.#cellOf(entry.entity.x, entry.entity.y)
    if (cell === entry.cell) return
    const before = this.#cells.get(entry.cell)
    before?.delete(entry.entity)
    if (before?.size === 0) this.#cells.delete(entry.cell)
    entry.cell = cell
    this.#cell(cell).add(entry.entity)
  }

  /** Visits every entity within `radius` of the point, in no particular order. */
  near(x: number, y: number, radius: number, visit: (entity: EntityView, distanceSquared: number) => void): void {
    const [left, right] = [this.#axis(x - radius), this.#axis(x + radius)]
    const [bottom, top] = [this.#axis(y - radius), this.#axis(y + radius)]
    const limit = radius * radius
    for (let row = bottom; row <= top; row++) {
      for (let column = left; column <= right; column++) {
        const cell = this.#cells.get(key(column, row))
        if (cell === undefined) continue
        for (const entity of cell) {
          const [dx, dy] = [entity.x - x, entity.y - y]
          const distanceSquared = dx * dx + dy * dy
          if (distanceSquared <= limit) visit(entity, distanceSquared)
        }
      }
    }
  }

  #axis(value: number): number {
    return Math.floor(value / this.#cellSize)
  }
  #cellOf(x: number, y: number): number {
    return key(this.#axis(x), this.#axis(y))
  }
  #cell(cell: number): Set<EntityView> {
    const known = this.#cells.get(cell)
    if (known !== undefined) return known
    const made = new Set<EntityView>()
    this.#cells.set(cell, made)
    return made
  }
}

/** Packs both coordinates into one number. They fit in 16 bits each, because positions are within ±1,024 m and a cell is at least one metre wide. */
function key(column: number, row: number): number {
  return (column + 32_768) * 65_536 + row + 32_768
}
