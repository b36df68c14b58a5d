import type { World } from '../../../../client/index.ts'
import { barrowDoors, barrowRooms, ROOM_M } from '../../barrow.ts'
import type { Fighter } from './fighter.ts'
import type { Steering } from './steering.ts'

interface Point {
  x: number
  y: number
}

/** Distance in metres at which a place counts as reached. */
const THERE_M = 4

/** A bot in the barrow: it clears one room after the other, or walks back to the entrance. */
export class Delver {
  readonly #world: World
  readonly #fighter: Fighter
  readonly #steering: Steering
  /** Number of the room that it has reached; the rooms before are empty. */
  #reached = 0

  constructor(world: World, fighter: Fighter, steering: Steering) {
    this.#world = world
    this.#fighter = fighter
    this.#steering = steering
    world.on('live', () => {
      this.#reached = 0
    })
  }

  /** `leaving`: the party wants to go. Outside of the rooms with creatures nobody is in a fight, and everybody can travel. */
  step(now: number, { leaving }: { leaving: boolean }): void {
    const me = this.#world.entities.get(this.#world.self)
    if (me === undefined) return
    const here = roomAt(me)
    if (leaving) {
      this.#fighter.end()
      return this.#goTo(me, here, 0)
    }
    if (this.#fighter.step(now)) return
    const creatures = this.#fighter.creatures()
    // Creatures of the next rooms are out of sight yet: go on until the last room.
    const first = Math.min(...creatures.map(roomAt), Math.min(this.#reached + 1, barrowRooms.length - 1))
    const prey = creatures.find((creature) => roomAt(creature) === here)
    if (prey !== undefined && here <= first) {
      this.#fighter.begin(prey, now)
      this.#fighter.step(now)
      return
    }
    this.#goTo(me, here, first)
    if (here > this.#reached) this.#reached = here
  }

  /** One room nearer: to the door, then to the centre of the room behind it. */
  #goTo(me: Point, here: number, room: number): void {
    const next = here + Math.sign(room - here)
    const [door, centre] = [barrowDoors[Math.min(here, next)], barrowRooms[next]]
    const to = next !== here && door !== undefined && distance(me, door) > THERE_M ? door : centre
    if (to === undefined || (next === here && distance(me, to) <= THERE_M)) this.#steering.stop(this.#world)
    else this.#steering.towards(this.#world, to)
  }
}

/** Number of the room in which a position is; beside all rooms, the nearest one. */
function roomAt(at: Point): number {
  const inside = barrowRooms.findIndex(({ x, y }) => Math.abs(at.x - x) <= ROOM_M / 2 && Math.abs(at.y - y) <= ROOM_M / 2)
  if (inside >= 0) return inside
  const distances = barrowRooms.map((room) => distance(room, at))
  return distances.indexOf(Math.min(...distances))
}

function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y)
}
