import type { World } from '../../../../client/index.ts'
import type { Random } from '../../../../model/random.ts'
import type { Fighter } from './fighter.ts'

/** Share of a bot's thoughts in which it begins to hunt. With two thoughts a second, one about every 25 s. */
const HUNTING_SHARE = 0.02
/** Largest distance in metres to a creature that a bot goes for. */
const HUNT_M = 40

/** Now and then a bot on an open map fights a creature nearby. */
export class Hunter {
  readonly #world: World
  readonly #fighter: Fighter
  readonly #random: Random

  constructor(world: World, fighter: Fighter, random: Random) {
    this.#world = world
    this.#fighter = fighter
    this.#random = random
  }

  /** `peaceful`: the bot is about to leave, and begins no fight, because nobody is moved in the middle of one. Returns whether it fights. */
  step(now: number, { peaceful }: { peaceful: boolean }): boolean {
    if (this.#fighter.step(now)) return true
    if (peaceful || this.#random() >= HUNTING_SHARE) return false
    const me = this.#world.entities.get(this.#world.self)
    const [nearest] = this.#fighter.creatures()
    if (me === undefined || nearest === undefined || Math.hypot(nearest.x - me.x, nearest.y - me.y) > HUNT_M) return false
    this.#fighter.begin(nearest, now)
    return this.#fighter.step(now)
  }
}
