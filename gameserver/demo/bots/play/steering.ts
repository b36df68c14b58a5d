import type { World } from '../../../../client/index.ts'

/** Smallest change of the direction vector that is sent; about six degrees. */
const TURN = 0.1
/** Distance in metres to its goal from which a bot walks slower, because it decides only a few times a second and would run past. */
const SLOW_M = 3

/** Where a bot walks. Sends a direction only when it has changed or the copy is new, because the server keeps the last one. */
export class Steering {
  #copy = ''
  #heading = { dx: 0, dy: 0 }

  /** Walks towards a place. `slowly`: not to run past it. */
  towards(world: World, to: { x: number; y: number }, { slowly = false }: { slowly?: boolean } = {}): void {
    const me = world.entities.get(world.self)
    if (me === undefined) return
    const [dx, dy] = [to.x - me.x, to.y - me.y]
    const distance = Math.hypot(dx, dy)
    const length = distance * Math.max(1, slowly ? SLOW_M / Math.max(distance, 0.01) : 1)
    this.#set(world, distance < 0.01 ? { dx: 0, dy: 0 } : { dx: dx / length, dy: dy / length })
  }

  stop(world: World): void {
    this.#set(world, { dx: 0, dy: 0 })
  }

  #set(world: World, heading: { dx: number; dy: number }): void {
    if (world.copy === this.#copy && Math.hypot(heading.dx - this.#heading.dx, heading.dy - this.#heading.dy) < TURN) return
    if (!world.input(heading)) return
    this.#heading = heading
    this.#copy = world.copy
  }
}
