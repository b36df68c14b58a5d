import type { InterestGrid } from './interestGrid.ts'
import { isMarked, type Known } from './known.ts'
import { pool } from './numberPool.ts'

/**
 * A search also lists what is this far beyond the radius, as a share of the radius. While viewer and entities together have moved less than that, only
 * the list is looked through. At 60 m this is 15 m: more than a second of two players who run towards each other. A larger share makes searches
 * more seldom and the list longer.
 */
const BEYOND = 1 / 4

/** Numbers of an entry of the list: slot, and what `travelled` was at the search is subtracted from its other number. */
const SLOT = 0
const WAKE = 1
const WIDTH = 2
const FIRST_CAPACITY = 32
/** No entry wakes later, in steps after the search: it happens again long before. */
const WAKE_MAX = 2 ** 30

/** A point in steps. */
export interface Point {
  x: number
  y: number
  z: number
}

interface Look {
  radius: number
  travelled: number
  marked: boolean
  into: number[]
}

/**
 * The entities around one viewer that its client does not know yet. Finds exactly those within the radius, without a search of the grid at each
 * snapshot: an entity that was not in the list cannot have come near unless it moved far or was added, and the grid lists these (`jumped`).
 */
export class Surroundings {
  /**
   * The list. Slots of entities that may come into the radius; a slot may be free or used again since. The entity is outside the radius until `travelled` has grown by
   * the entry's second number since the search.
   */
  #block = pool.take(this, WIDTH * FIRST_CAPACITY)
  #start: number
  #count = 0
  /** No entry of the list is inside the radius until `travelled` is this. */
  #wake = 0
  /** Where the grid was searched, at which value of `travelled`, and at which it has to be searched again. */
  readonly #centre: Point = { x: 0, y: 0, z: 0 }
  #searchedAt = 0
  #searchAgain = -1
  #jumps = 0

  constructor() {
    this.#start = this.#block.start
  }

  /** The next call of `newcomers` searches the grid. */
  reset(): void {
    this.#searchAgain = -1
  }

  /** The client does not know this entity any more; it may come back. */
  add(slot: number): void {
    const { numbers } = pool
    for (let n = 0; n < this.#count; n++) if (numbers[this.#start + n * WIDTH + SLOT] === slot) return this.#setOff(n)
    if ((this.#count + 1) * WIDTH > this.#block.size) this.#grow()
    pool.numbers[this.#start + this.#count * WIDTH + SLOT] = slot
    this.#setOff(this.#count++)
  }

  /**
   * Fills `into` with the slots of the entities within `radius` of the viewer that the client does not know, and returns their number. `at` and `radius` in steps.
   * `travelled`: how far viewer and entities together have moved so far, at most, in whole steps. `marked`: the known entities are marked already.
   */
  newcomers(grid: InterestGrid, known: Known, at: Point, look: Look): number {
    const { radius, travelled } = look
    if (travelled >= this.#searchAgain || grid.jumps - this.#jumps > grid.jumped.length) this.#search(grid, at, radius, travelled)
    else if (this.#jumps !== grid.jumps) this.#addJumped(grid, radius)
    return travelled < this.#wake ? 0 : this.#wakeUp(grid, known, at, look)
  }

  /** Looks at the entries that may be inside the radius now. Runs for each client at each second snapshot or so. */
  #wakeUp(grid: InterestGrid, known: Known, at: Point, { radius, travelled, marked: markedBefore, into }: Look): number {
    const { numbers } = pool
    const start = this.#start
    const since = travelled - this.#searchedAt
    let next = WAKE_MAX
    let found = 0
    let marked = markedBefore
    for (let n = this.#count - 1; n >= 0; n--) {
      const entry = start + n * WIDTH
      let wake = numbers[entry + WAKE] ?? 0
      if (wake <= since) {
        const slot = numbers[entry + SLOT] ?? 0
        const outside = Math.sqrt(grid.squaredDistance(slot, at)) - radius
        if (outside <= 0) {
          if (!marked) known.mark(grid.table)
          marked = true
          // Known entities come back to the list when they leave.
          if (grid.table.ids[slot] === 0 || isMarked(slot)) {
            this.#remove(n)
            continue
          }
          into[found++] = slot
        }
        wake = Math.min(WAKE_MAX, since + Math.floor(outside))
        numbers[entry + WAKE] = wake
      }
      if (wake < next) next = wake
    }
    this.#wake = this.#searchedAt + next
    return found
  }

  #remove(entry: number): void {
    this.#count--
    const { numbers } = pool
    const [to, from] = [this.#start + entry * WIDTH, this.#start + this.#count * WIDTH]
    numbers[to + SLOT] = numbers[from + SLOT] ?? 0
    numbers[to + WAKE] = numbers[from + WAKE] ?? 0
  }

  /** The entry is looked at with the next call of `newcomers`. */
  #setOff(entry: number): void {
    pool.numbers[this.#start + entry * WIDTH + WAKE] = 0
    this.#wake = 0
  }

  #search(grid: InterestGrid, at: Point, radius: number, travelled: number): void {
    const count = grid.collect(at, radius * (1 + BEYOND))
    if (count * WIDTH > this.#block.size) {
      this.#block = pool.exchange(this, this.#block, 2 * WIDTH * count)
      this.#start = this.#block.start
    }
    const { numbers } = pool
    for (let n = 0; n < count; n++) {
      numbers[this.#start + n * WIDTH + SLOT] = grid.found[n] ?? 0
      numbers[this.#start + n * WIDTH + WAKE] = 0
    }
    this.#count = count
    this.#wake = 0
    Object.assign(this.#centre, at)
    this.#searchedAt = travelled
    this.#searchAgain = travelled + Math.floor(radius * BEYOND)
    this.#jumps = grid.jumps
  }

  #addJumped(grid: InterestGrid, radius: number): void {
    const { jumped, table } = grid
    const limit = (radius * (1 + BEYOND)) ** 2
    for (; this.#jumps < grid.jumps; this.#jumps++) {
      const slot = jumped[this.#jumps % jumped.length] ?? 0
      if (table.ids[slot] !== 0 && grid.squaredDistance(slot, this.#centre) <= limit) this.add(slot)
    }
  }

  #grow(): void {
    const [from, numbers] = [this.#start, this.#count * WIDTH]
    this.#block = pool.exchange(this, this.#block, 2 * numbers)
    this.#start = this.#block.start
    pool.numbers.copyWithin(this.#start, from, from + numbers)
  }
}
