import { grown } from '../../../model/wire/entities/grown.ts'
import type { InterestGrid } from './interestGrid.ts'
import type { Known } from './known.ts'

/**
 * A search also lists what is this far beyond the radius, as a share of the radius. While viewer and entities together have moved less than that, only
 * the list is looked through. At 60 m this is 7.5 m: about a second of two players who run towards each other. A larger share makes searches
 * more seldom and the list longer.
 */
const BEYOND = 1 / 8

/** A point in steps. */
export interface Point {
  x: number
  y: number
  z: number
}

/**
 * The entities around one viewer that its client does not know yet. Finds exactly those within the radius, without a search of the grid at each
 * snapshot: an entity that was not in the list cannot have come near unless it moved far or was added, and the grid lists these (`jumped`).
 */
export class Surroundings {
  /** Slots of entities that may come into the radius. A slot may be free or used again since. */
  #slots = new Int32Array(16)
  #count = 0
  readonly #centre: Point = { x: 0, y: 0, z: 0 }
  /** Marks in the grid: how far entities had moved, and how many had jumped. */
  #travel = 0
  #jumps = 0
  #searched = false

  /** The next call of `newcomers` searches the grid. */
  reset(): void {
    this.#searched = false
  }

  /** The client does not know this entity any more; it may come back. */
  add(slot: number): void {
    for (let n = 0; n < this.#count; n++) if (this.#slots[n] === slot) return
    if (this.#count === this.#slots.length) this.#slots = grown(this.#slots, new Int32Array(2 * this.#count))
    this.#slots[this.#count++] = slot
  }

  /** Fills `into` with the slots of the entities within `radius` of the viewer that the client does not know. `at` and `radius` in steps. */
  newcomers(grid: InterestGrid, known: Known, at: Point, { radius, into }: { radius: number; into: number[] }): void {
    into.length = 0
    if (!this.#isCurrent(grid, at, radius * BEYOND)) this.#search(grid, known, at, radius)
    else if (this.#jumps !== grid.jumps) this.#addJumped(grid, known, radius)
    const { ids } = grid.table
    const limit = radius * radius
    let kept = 0
    for (let n = 0; n < this.#count; n++) {
      const slot = this.#slots[n] ?? 0
      if (grid.squaredDistance(slot, at) <= limit) {
        const id = ids[slot] ?? 0
        // Known entities come back to the list when they leave.
        if (id === 0 || known.indexOf(slot, id) >= 0) continue
        into.push(slot)
      }
      this.#slots[kept++] = slot
    }
    this.#count = kept
  }

  #isCurrent(grid: InterestGrid, { x, y, z }: Point, beyond: number): boolean {
    if (!this.#searched || grid.jumps - this.#jumps > grid.jumped.length) return false
    const { centre, travel } = { centre: this.#centre, travel: grid.travel - this.#travel }
    const moved = Math.sqrt((x - centre.x) ** 2 + (y - centre.y) ** 2 + (z - centre.z) ** 2)
    return moved + travel < beyond
  }

  #search(grid: InterestGrid, known: Known, at: Point, radius: number): void {
    const count = grid.collect(at, radius * (1 + BEYOND))
    this.#count = 0
    if (this.#slots.length < count) this.#slots = new Int32Array(2 * count)
    for (let n = 0; n < count; n++) {
      const slot = grid.found[n] ?? 0
      if (known.indexOf(slot, grid.table.ids[slot] ?? 0) < 0) this.#slots[this.#count++] = slot
    }
    Object.assign(this.#centre, at)
    this.#travel = grid.travel
    this.#jumps = grid.jumps
    this.#searched = true
  }

  #addJumped(grid: InterestGrid, known: Known, radius: number): void {
    const { jumped, table } = grid
    const limit = (radius * (1 + BEYOND)) ** 2
    for (; this.#jumps < grid.jumps; this.#jumps++) {
      const slot = jumped[this.#jumps % jumped.length] ?? 0
      const id = table.ids[slot] ?? 0
      if (id !== 0 && known.indexOf(slot, id) < 0 && grid.squaredDistance(slot, this.#centre) <= limit) this.add(slot)
    }
  }
}
