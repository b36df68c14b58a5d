import type { EntityView, World } from '../../../../client/index.ts'
import type { DurationMs } from '../../../../model/clock.ts'
import type { Random } from '../../../../model/random.ts'
import { FLAG } from '../../flags.ts'
import { demoMap } from '../../maps.ts'
import type { Steering } from './steering.ts'

/** Distance in metres at which a target counts as reached; below the demo's gathering distance. */
const REACH_M = 3
/** Time in ms that a bot stands still to gather; a little longer than the demo's gathering. */
const GATHERING_MS = 1_600
/** Distance in metres from the map's centre within which a bot walks, so that the bots see each other. */
const RANGE_M = 60
/** Time in ms after which a target that was not reached is given up. */
const TARGET_TIMEOUT_MS = 20_000

/** Walks to random places and resources, and gathers the resources. */
export class Wander {
  readonly #steering: Steering
  readonly #random: Random
  #target: { x: number; y: number; node?: number } | undefined
  #targetUntil = 0
  #standingUntil = 0
  #map = ''

  constructor(steering: Steering, random: Random) {
    this.#steering = steering
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
    if (Math.hypot(x - me.x, y - me.y) > REACH_M) return this.#steering.towards(world, { x, y })
    this.#steering.stop(world)
    this.#target = undefined
    if (node === undefined) return
    world.send('gather', { node })
    this.#standingUntil = now + GATHERING_MS
  }

  #choose(world: World): { x: number; y: number; node?: number } {
    const random = this.#random
    const { resource } = demoMap(world.map)
    if (random() < 0.4) {
      const nodes = [...world.entities.values()].filter(({ kind, flags }) => kind === resource.kind && (flags & FLAG.depleted) === 0)
      const node: EntityView | undefined = nodes[Math.floor(random() * nodes.length)]
      if (node !== undefined) return { x: node.x, y: node.y, node: node.id }
    }
    return { x: (random() * 2 - 1) * RANGE_M, y: (random() * 2 - 1) * RANGE_M }
  }
}
