import type { EntityView, World } from '../../../client/index.ts'
import type { DurationMs } from '../../../model/clock.ts'
import type { Random } from '../../../model/random.ts'

/** Entity kind of a player's body in the demo. */
const PLAYER = 0
/** Flag of a resource in the demo that cannot be gathered now. */
const DEPLETED = 1
/** Distance in metres at which a target counts as reached; below the demo's gathering distance. */
const REACH_M = 3
/** Time in ms that a bot stands still to gather; a little longer than the demo's gathering. */
const GATHERING_MS = 1_600
/** Distance in metres from the map's centre within which a bot walks, so that the bots see each other. */
const RANGE_M = 60
/** Smallest change of the direction vector that is sent; about six degrees. */
const TURN = 0.1
/** Time in ms after which a target that was not reached is given up. */
const TARGET_TIMEOUT_MS = 20_000

/** Walks to random places and resources, and gathers the resources. */
export class Wander {
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
      this.#targetUntil = now + TARGET_TIMEOUT_MS
    }
    const { x, y, node } = this.#target
    const [dx, dy] = [x - me.x, y - me.y]
    const distance = Math.hypot(dx, dy)
    if (distance > REACH_M) return this.#setHeading(world, { dx: dx / distance, dy: dy / distance })
    this.#setHeading(world, { dx: 0, dy: 0 })
    this.#target = undefined
    if (node === undefined) return
    world.send('gather', { node })
    this.#standingUntil = now + GATHERING_MS
  }

  /** Sends the direction only when it has changed or the copy is new, because the server keeps the last direction. */
  #setHeading(world: World, heading: { dx: number; dy: number }): void {
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
