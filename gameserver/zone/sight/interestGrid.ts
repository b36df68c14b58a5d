import type { EntityId } from '../../../model/ids.ts'
import { type Entities, plainEntities } from '../../../model/wire/entities/defineEntities.ts'
import { EntityTable } from '../../../model/wire/entities/entityTable.ts'
import { grown } from '../../../model/wire/entities/grown.ts'
import type { EntityView } from '../../../model/wire/snapshot.ts'

/** Most cells along one axis. Maps that are large for their sight get larger cells, so that the grid stays below 1 MB. */
const AXIS_CELLS_MAX = 512
const NONE = -1
/** An entity that moves further than this in one step, in metres, is listed in `jumped` instead of counting for `travel`: 40 m/s at 20 steps a second. */
const JUMP_M = 2
/** Number of jumps that are kept. A viewer that has missed more searches the grid. */
const JUMPS_KEPT = 128

/**
 * Spatial index of all entities in a room, in square cells over the ground: the entities of a cell are a linked list in typed arrays. The cost of a range
 * query depends on what is near, not on the size of the room.
 */
export class InterestGrid {
  readonly table: EntityTable
  /** Slots that `collect` has found. Valid until the next call. */
  found = new Int32Array(64)
  /** How far entities have moved since the grid was made, at most, in whole steps: the sum of each step's largest movement. */
  travel = 0
  /** The slots of the newest entities that were added or moved far in one step. Jump number n is at n modulo the length. */
  readonly jumped = new Int32Array(JUMPS_KEPT)
  /** Number of jumps since the grid was made. */
  jumps = 0
  readonly #cellSteps: number
  readonly #axisCells: number
  /** First slot of each cell. */
  readonly #first: Int32Array
  /** By slot: its cell, and its neighbours in the list of the cell. */
  #cell = new Int32Array(64).fill(NONE)
  #next = new Int32Array(64).fill(NONE)
  #previous = new Int32Array(64).fill(NONE)
  #tick = 0
  readonly #before = { x: 0, y: 0, z: 0 }

  /** `cellSize` in metres, about half the radius of sight. */
  constructor(cellSize: number, entities: Entities = plainEntities) {
    this.table = new EntityTable(entities)
    const { limit, perMetre } = this.table
    this.#cellSteps = Math.max(1, Math.ceil(cellSize * perMetre), Math.ceil((2 * limit + 1) / AXIS_CELLS_MAX))
    this.#axisCells = Math.floor((2 * limit) / this.#cellSteps) + 1
    this.#first = new Int32Array(this.#axisCells ** 2).fill(NONE)
  }

  get size(): number {
    return this.table.size
  }
  get(id: EntityId): EntityView | undefined {
    const slot = this.table.slotOf(id)
    return slot === undefined ? undefined : this.table.viewAt(slot)
  }

  /** Adds an entity; it replaces an entity with the same id. */
  add(view: EntityView): void {
    this.remove(view.id)
    // A change after this step's snapshots, so that a client that knew an entity of this id in the same slot gets it.
    const slot = this.table.add(view, this.#tick + 1)
    if (slot >= this.#cell.length) this.#grow()
    this.#link(slot)
    this.#jump(slot)
  }

  remove(id: EntityId): void {
    const slot = this.table.slotOf(id)
    if (slot === undefined) return
    this.#unlink(slot)
    this.table.remove(id)
  }

  /** Reads all entities. Call it once a step, after the game has changed them. */
  sync(tick: number): void {
    this.#tick = tick
    const { table } = this
    const { x, y, z } = table
    const limit = (JUMP_M * table.perMetre) ** 2
    let furthest = 0
    for (let slot = 0; slot < table.end; slot++) {
      if (table.ids[slot] === 0) continue
      this.#before.x = x[slot] ?? 0
      this.#before.y = y[slot] ?? 0
      this.#before.z = z[slot] ?? 0
      if (!table.sync(slot, tick)) continue
      const squared = this.squaredDistance(slot, this.#before)
      if (squared > limit) this.#jump(slot)
      else if (squared > furthest) furthest = squared
      if (this.#cellOf(slot) === this.#cell[slot]) continue
      this.#unlink(slot)
      this.#link(slot)
    }
    this.travel += Math.ceil(Math.sqrt(furthest))
  }

  /** Square of the distance between an entity and a point, in steps. */
  squaredDistance(slot: number, { x, y, z }: { x: number; y: number; z: number }): number {
    const { table } = this
    const dx = (table.x[slot] ?? 0) - x
    const dy = (table.y[slot] ?? 0) - y
    const dz = (table.z[slot] ?? 0) - z
    return dx * dx + dy * dy + dz * dz
  }

  /** Finds the entities within `reach` of a point, all in steps, and returns their number. They are in `found`, in no particular order. */
  collect({ x, y, z }: { x: number; y: number; z: number }, reach: number): number {
    const { table } = this
    if (this.found.length < table.size) this.found = new Int32Array(2 * table.size)
    const { found } = this
    const { x: xs, y: ys, z: zs } = table
    const [left, right] = [this.#axis(x - reach), this.#axis(x + reach)]
    const [bottom, top] = [this.#axis(y - reach), this.#axis(y + reach)]
    const limit = reach * reach
    let count = 0
    for (let row = bottom; row <= top; row++) {
      for (let column = left; column <= right; column++) {
        for (let slot = this.#first[row * this.#axisCells + column] ?? NONE; slot !== NONE; slot = this.#next[slot] ?? NONE) {
          const dx = (xs[slot] ?? 0) - x
          const dy = (ys[slot] ?? 0) - y
          const dz = (zs[slot] ?? 0) - z
          if (dx * dx + dy * dy + dz * dz <= limit) found[count++] = slot
        }
      }
    }
    return count
  }

  /** The entities within `radius` metres of a point, as of the last step, in no particular order. */
  near({ x, y, z = 0 }: { x: number; y: number; z?: number }, radius: number): EntityView[] {
    const { table } = this
    const height = table.entities.dimensions === 3 ? table.steps(z) : 0
    const count = this.collect({ x: table.steps(x), y: table.steps(y), z: height }, radius * table.perMetre)
    const views: EntityView[] = []
    for (let n = 0; n < count; n++) {
      const view = table.viewAt(this.found[n] ?? 0)
      if (view !== undefined) views.push(view)
    }
    return views
  }

  #jump(slot: number): void {
    this.jumped[this.jumps++ % this.jumped.length] = slot
  }

  #axis(steps: number): number {
    return Math.max(0, Math.min(this.#axisCells - 1, Math.floor((steps + this.table.limit) / this.#cellSteps)))
  }
  #cellOf(slot: number): number {
    return this.#axis(this.table.y[slot] ?? 0) * this.#axisCells + this.#axis(this.table.x[slot] ?? 0)
  }

  #link(slot: number): void {
    const cell = this.#cellOf(slot)
    const next = this.#first[cell] ?? NONE
    this.#cell[slot] = cell
    this.#next[slot] = next
    this.#previous[slot] = NONE
    if (next !== NONE) this.#previous[next] = slot
    this.#first[cell] = slot
  }

  #unlink(slot: number): void {
    const [cell, next, previous] = [this.#cell[slot] ?? NONE, this.#next[slot] ?? NONE, this.#previous[slot] ?? NONE]
    if (previous === NONE) this.#first[cell] = next
    else this.#next[previous] = next
    if (next !== NONE) this.#previous[next] = previous
  }

  #grow(): void {
    const { capacity } = this.table
    this.#cell = grown(this.#cell, new Int32Array(capacity))
    this.#next = grown(this.#next, new Int32Array(capacity))
    this.#previous = grown(this.#previous, new Int32Array(capacity))
  }
}
