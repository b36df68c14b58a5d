import type { EntityView, World } from '../../../client/index.ts'
import type { DurationMs } from '../../../model/clock.ts'
import type { Random } from '../../../model/random.ts'

/** What the demo tells of its world; a game knows its own. */
const PLAYER = 0
const DEPLETED = 1
const REACH_M = 3
const GATHERING_MS = 1_600
/** A bot strolls within so far of the middle: the crowd is in sight of itself. */
const RANGE_M = 60
/** About six degrees. */
const TURN = 0.1
const PATIENCE_MS = 20_000

/** Goes from place to place, and gathers what it meets. */
export class Stroll {
  readonly #random: Random
  #target: { x: number; y: number; node?: number } | undefined
  #targetUntil = 0
  #standingUntil = 0
  #map = ''
  #copy = ''
  #heading = { dx: 0, dy: 0 }

  constructor(random: Random) {
    this.#random = random
  }

  step(world: World, now: DurationMs): void {
    const me = world.entities.get(world.self)
    if (me === undefined || now < this.#standingUntil) return
    if (this.#target === undefined || now > this.#targetUntil || this.#map !== world.map) {
      this.#map = world.map
      this.#target = this.#choose(world)
      this.#targetUntil = now + PATIENCE_MS
    }
    const { x, y, node } = this.#target
    const [dx, dy] = [x - me.x, y - me.y]
    const distance = Math.hypot(dx, dy)
    if (distance > REACH_M) return this.#head(world, { dx: dx / distance, dy: dy / distance })
    this.#head(world, { dx: 0, dy: 0 })
    this.#target = undefined
    if (node === undefined) return
    world.send('gather', { node })
    this.#standingUntil = now + GATHERING_MS
  }

  /** The server goes on in the direction that it was told last: only a turn is news. */
  #head(world: World, heading: { dx: number; dy: number }): void {
    if (world.copy === this.#copy && Math.hypot(heading.dx - this.#heading.dx, heading.dy - this.#heading.dy) < TURN) return
    if (!world.input(heading)) return
    this.#heading = heading
    this.#copy = world.copy
  }

  #choose(world: World): { x: number; y: number; node?: number } {
    const random = this.#random
    if (random() < 0.4) {
      const nodes = [...world.entities.values()].filter(({ kind, flags }) => kind !== PLAYER && (flags & DEPLETED) === 0)
      const node: EntityView | undefined = nodes[Math.floor(random() * nodes.length)]
      if (node !== undefined) return { x: node.x, y: node.y, node: node.id }
    }
    return { x: (random() * 2 - 1) * RANGE_M, y: (random() * 2 - 1) * RANGE_M }
  }
}
