import { grown } from '../../../model/wire/entities/grown.ts'
import type { InterestGrid } from './interestGrid.ts'
import type { Known } from './known.ts'

/**
 * A search also lists what is this far beyond the radius, as a share of the radius. While viewer and entities together have moved less than that, only
 * the list is looked through. At 60 m this is 15 m: more than a second of two players who run towards each other. A larger share makes searches
 * more seldom and the list longer.
 */
const BEYOND = 1 / 4

/** Sums of distances are rounded: an entity counts as near this many steps too early. */
export const ROUNDING = 1 / 1024

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
  /** By entry of the list: the entity is outside the radius until `travelled` has this value. */
  #wakes = new Float64Array(16)
  #count = 0
  /** No entry of the list is inside the radius until then. */
  #wake = 0
  /** Where and at which value of `travelled` the grid was searched. */
  readonly #centre: Point = { x: 0, y: 0, z: 0 }
  #searchAgain = Number.NEGATIVE_INFINITY
  #jumps = 0

  /** The next call of `newcomers` searches the grid. */
  reset(): void {
    this.#searchAgain = Number.NEGATIVE_INFINITY
  }

  /** The client does not know this entity any more; it may come back. */
  add(slot: number): void {
    for (let n = 0; n < this.#count; n++) if (this.#slots[n] === slot) return this.#expect(n, 0)
    if (this.#count === this.#slots.length) {
      this.#slots = grown(this.#slots, new Int32Array(2 * this.#count))
      this.#wakes = grown(this.#wakes, new Float64Array(2 * this.#count))
    }
    this.#slots[this.#count] = slot
    this.#expect(this.#count++, 0)
  }

  /**
   * Fills `into` with the slots of the entities within `radius` of the viewer that the client does not know. `at` and `radius` in steps. `travelled`: how far
   * viewer and entities together have moved so far, at most, in steps.
   */
  newcomers(grid: InterestGrid, known: Known, at: Point, { radius, travelled, into }: { radius: number; travelled: number; into: number[] }): void {
    into.length = 0
    if (travelled >= this.#searchAgain || grid.jumps - this.#jumps > grid.jumped.length) this.#search(grid, at, radius, travelled)
    else if (this.#jumps !== grid.jumps) this.#addJumped(grid, known, radius)
    if (travelled >= this.#wake) this.#wakeUp(grid, known, at, { radius, travelled, into })
  }

  /** Looks at the entries that may be inside the radius now. Runs for each client at each second snapshot or so. */
  #wakeUp(grid: InterestGrid, known: Known, at: Point, { radius, travelled, into }: { radius: number; travelled: number; into: number[] }): void {
    const wakes = this.#wakes
    let next = Number.POSITIVE_INFINITY
    for (let n = this.#count - 1; n >= 0; n--) {
      let wake = wakes[n] ?? 0
      if (wake <= travelled) {
        const slot = this.#slots[n] ?? 0
        const outside = Math.sqrt(grid.squaredDistance(slot, at)) - radius
        if (outside <= 0) {
          const id = grid.table.ids[slot] ?? 0
          // Known entities come back to the list when they leave.
          if (id === 0 || known.indexOf(slot, id) >= 0) {
            this.#remove(n)
            continue
          }
          into.push(slot)
        }
        wake = travelled + outside - ROUNDING
        wakes[n] = wake
      }
      if (wake < next) next = wake
    }
    this.#wake = next
  }

  #remove(entry: number): void {
    this.#count--
    this.#slots[entry] = this.#slots[this.#count] ?? 0
    this.#wakes[entry] = this.#wakes[this.#count] ?? 0
  }

  #expect(entry: number, wake: number): void {
    this.#wakes[entry] = wake
    if (wake < this.#wake) this.#wake = wake
  }

  #search(grid: InterestGrid, at: Point, radius: number, travelled: number): void {
    const count = grid.collect(at, radius * (1 + BEYOND))
    if (this.#slots.length < count) {
      this.#slots = new Int32Array(2 * count)
      this.#wakes = new Float64Array(2 * count)
    }
    for (let n = 0; n < count; n++) {
      this.#slots[n] = grid.found[n] ?? 0
      this.#wakes[n] = 0
    }
    this.#count = count
    this.#wake = 0
    Object.assign(this.#centre, at)
    this.#searchAgain = travelled + radius * BEYOND
    this.#jumps = grid.jumps
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
