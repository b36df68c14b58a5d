import type { EntityView, World } from '../../../../client/index.ts'
import type { DurationMs } from '../../../../model/clock.ts'
import type { EntityId } from '../../../../model/ids.ts'
import { ATTACK, DOWN_MS, FIGHT_MS } from '../../combat/vitals.ts'
import { creatureKinds } from '../../creatures/species.ts'
import { FLAG } from '../../flags.ts'
import type { BotStats } from '../botStats.ts'
import type { Steering } from './steering.ts'

/** Distance in metres at which a bot stands still and attacks; below the reach of an attack, because both move on meanwhile. */
const STAND_M = ATTACK.reachM - 1
/** A creature that is not dead after this time in ms is left alone: another player fights it, or it cannot be reached. */
const GIVE_UP_MS = 15_000

export interface FighterParts {
  steering: Steering
  stats: BotStats
  /** Milliseconds since the run began. */
  elapsed: () => DurationMs
}

/** How a bot fights. It says in each attack which step of the server it has seen, and counts what the server says about its fights. */
export class Fighter {
  readonly #world: World
  readonly #steering: Steering
  /** Milliseconds since the run began, as in the parameters `now`. */
  readonly #elapsed: () => DurationMs
  #prey: { id: EntityId; until: DurationMs } | undefined
  #nextAttack = 0
  #lastBlow = Number.NEGATIVE_INFINITY
  #down = false
  /** Whether the map that the bot is on has been cleared. */
  cleared = false

  constructor(world: World, { steering, stats, elapsed }: FighterParts) {
    this.#world = world
    this.#steering = steering
    this.#elapsed = elapsed
    world.on('live', () => {
      this.#prey = undefined
      this.cleared = false
    })
    world.on('message', ({ type, data }) => this.#receive(type, data, stats))
  }

  /** Whether the server lets the bot neither travel nor leave now. */
  get busy(): boolean {
    return this.#down || this.#elapsed() - this.#lastBlow < FIGHT_MS
  }

  /** Living creatures in sight, the nearest first. */
  creatures(): EntityView[] {
    const me = this.#me
    if (me === undefined) return []
    const distance = ({ x, y }: EntityView): number => Math.hypot(x - me.x, y - me.y)
    return [...this.#world.entities.values()].filter(isLivingCreature).sort((a, b) => distance(a) - distance(b))
  }

  /** Begins to fight this creature. */
  begin({ id }: EntityView, now: DurationMs): void {
    this.#prey ??= { id, until: now + GIVE_UP_MS }
  }
  end(): void {
    this.#prey = undefined
  }

  /** Goes on with the fight. Returns whether there is one. */
  step(now: DurationMs): boolean {
    const [me, prey] = [this.#me, this.#prey === undefined ? undefined : this.#world.entities.get(this.#prey.id)]
    if (me === undefined || prey === undefined || !isLivingCreature(prey) || this.#down || now > (this.#prey?.until ?? 0)) {
      this.#prey = undefined
      return false
    }
    if (Math.hypot(prey.x - me.x, prey.y - me.y) > STAND_M) this.#steering.towards(this.#world, prey, { slowly: true })
    else this.#steering.stop(this.#world)
    if (now < this.#nextAttack || Math.hypot(prey.x - me.x, prey.y - me.y) > ATTACK.reachM) return true
    this.#world.send('attack', { target: prey.id, tick: this.#world.seenTick })
    this.#nextAttack = now + ATTACK.everyMs
    return true
  }

  get #me(): EntityView | undefined {
    return this.#world.entities.get(this.#world.self)
  }

  #receive(type: string, data: unknown, stats: BotStats): void {
    switch (type) {
      case 'hit': {
        const { by, target } = data as { by: EntityId; target: EntityId } // as Fights tells it
        if (by === this.#world.self || target === this.#world.self) this.#lastBlow = this.#elapsed()
        if (target === this.#world.self) this.#struckBy(by)
        return
      }
      case 'killed':
        stats.kills++
        return
      case 'loot':
        stats.lootDropped++
        return
      case 'gained':
        if ((data as { from?: string }).from === 'loot') stats.lootBooked++
        return
      case 'down':
        stats.deaths++
        this.#down = true
        // It stands up again after this time; the server's clock may differ, so the bot waits for a duration.
        setTimeout(() => {
          this.#down = false
        }, DOWN_MS).unref()
        return
      case 'cleared':
        this.cleared = true
        return
    }
  }

  /** A bot that is hit fights back. */
  #struckBy(id: EntityId): void {
    const attacker = this.#world.entities.get(id)
    if (attacker !== undefined && this.#prey === undefined) this.begin(attacker, this.#elapsed())
  }
}

function isLivingCreature({ kind, flags }: EntityView): boolean {
  return creatureKinds.has(kind) && (flags & FLAG.dead) === 0
}
