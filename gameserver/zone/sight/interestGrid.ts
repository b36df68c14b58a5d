import type { EntityId } from '../../../model/ids.ts'
import type { EntityView } from '../../../model/wire/snapshot.ts'

/** All that stands or walks in a room, in square cells, so that looking around costs by what is near and not by what there is. */
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

  /** One id is in the grid once: a second one replaces the first. */
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

  /** To be called after an entity's position was changed. */
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

  /** Everything within `radius` of the point, in no particular order. */
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

/** Snapshots reach ±1,024 m, so both numbers fit in 16 bits for any cell of a metre or more. */
function key(column: number, row: number): number {
  return (column + 32_768) * 65_536 + row + 32_768
}
