import type { DurationMs, Instant } from '../../../model/clock.ts'
import type { EntityId, MapName } from '../../../model/ids.ts'
import type { Random } from '../../../model/random.ts'
import { type DemoEntity, percent } from '../entities.ts'
import { FLAG } from '../flags.ts'
import { thingId } from '../maps.ts'
import { walk } from '../movement.ts'
import { sightOf } from '../sight.ts'
import { type Creature, distance, inReach, type Mind, type Prey, stride, think } from './behaviour.ts'
import { type CreatureSpawn, spawnTable } from './spawnTables.ts'
import type { Species } from './species.ts'

/**
 * Creatures with a living player within this many metres of them or their home live; the others sleep. Below the radius of sight (60 m), so that creatures at its edge stand
 * still: a player who is moved to another copy sees none of them walk out of sight.
 */
export const WAKE_M = 45
/** Time between two looks for players near sleeping creatures. */
const WAKE_EVERY_MS: DurationMs = 500
/** Most idle creatures that think in one step; they take turns. Creatures in a fight think in every step. */
export const IDLE_PER_STEP = 8
/** Longest time that one step of a creature covers. In this time it walks less than a wall is thick. */
const STEP_MAX_MS: DurationMs = 250
/** Number of the first creature among the things of its map, above those of all resources. */
const FIRST_CREATURE = 32_768

interface PooledCreature extends Creature {
  readonly view: DemoEntity
  health: number
  mind: Mind
  threat: Map<EntityId, number>
  /** When it may hit again. */
  readyAt: Instant
  steppedAt: Instant
}

/** A creature hits a player. */
export interface Swing {
  by: EntityId
  at: EntityId
  damage: number
}

export interface PoolStep {
  /** Creatures whose position or look has changed. */
  changed: DemoEntity[]
  swings: Swing[]
}

/** The creatures of one copy. Only those near players are stepped. No I/O: equal calls with an equal random source have equal results. */
export class CreaturePool {
  readonly #map: MapName
  readonly #random: Random
  readonly #all = new Map<EntityId, PooledCreature>()
  readonly #awake = new Set<PooledCreature>()
  /** Creatures that changed between two steps. */
  readonly #touched = new Set<DemoEntity>()
  #lookAt: Instant = 0
  /** Position in the round of idle creatures. */
  #turn = 0

  constructor(map: MapName, { random, now, table = spawnTable(map) }: { random: Random; now: Instant; table?: readonly CreatureSpawn[] }) {
    this.#map = map
    this.#random = random
    for (const [index, { species, x, y }] of table.entries()) {
      const view = { id: thingId(map, FIRST_CREATURE + index), kind: species.kind, x, y, heading: 0, flags: 0, name: species.name, health: 100, target: 0 }
      const creature: PooledCreature = {
        view,
        species,
        home: { x, y },
        health: species.health,
        mind: { doing: 'idle', until: now },
        threat: new Map(),
        readyAt: now,
        steppedAt: now,
        get x() {
          return view.x
        },
        get y() {
          return view.y
        },
      }
      this.#all.set(view.id, creature)
    }
  }

  /** What players see of them. The pool changes these objects. */
  views(): DemoEntity[] {
    return [...this.#all.values()].map(({ view }) => view)
  }
  get awake(): number {
    return this.#awake.size
  }
  /** A living creature. */
  living(id: EntityId): { species: Species; health: number; mind: Mind } | undefined {
    const creature = this.#all.get(id)
    return creature === undefined || creature.mind.doing === 'dead' ? undefined : creature
  }

  /** One simulation step. `prey`: the living players of the copy. */
  step(now: Instant, prey: ReadonlyMap<EntityId, Prey>): PoolStep {
    if (now >= this.#lookAt) this.#look(now, prey)
    const result: PoolStep = { changed: [...this.#touched], swings: [] }
    this.#touched.clear()
    let idle = 0
    const standing: PooledCreature[] = []
    for (const creature of this.#awake) {
      if (creature.mind.doing === 'chase' || creature.mind.doing === 'return') this.#live(creature, prey, now, result)
      else standing.push(creature)
    }
    for (; idle < Math.min(IDLE_PER_STEP, standing.length); idle++) {
      const creature = standing[(this.#turn + idle) % standing.length]
      if (creature !== undefined) this.#live(creature, prey, now, result)
    }
    this.#turn += idle
    return result
  }

  /**
   * Takes health from a living creature; it fights back. Returns what is left; at 0 it is dead, and `by` names the players who took health from it.
   */
  hurt(id: EntityId, by: EntityId, damage: number, now: Instant): { health: number; by: EntityId[] } | undefined {
    const creature = this.#all.get(id)
    // A creature on its way home cannot be hurt: it has given up the fight, and nobody shall kill it without one.
    if (creature === undefined || creature.mind.doing === 'dead' || creature.mind.doing === 'return') return undefined
    const taken = Math.min(damage, creature.health)
    creature.health -= taken
    creature.view.health = percent(creature.health, creature.species.health)
    creature.threat.set(by, (creature.threat.get(by) ?? 0) + taken)
    this.#awake.add(creature)
    if (creature.health > 0) return { health: creature.health, by: [] }
    const attackers = [...creature.threat.keys()]
    creature.threat.clear()
    creature.mind = { doing: 'dead', until: creature.species.respawnMs === undefined ? Number.POSITIVE_INFINITY : now + creature.species.respawnMs }
    creature.view.flags = FLAG.dead
    creature.view.target = 0
    this.#touched.add(creature.view)
    return { health: 0, by: attackers }
  }

  /** A player has died or left: nobody chases it any more. */
  forget(player: EntityId): void {
    for (const { threat } of this.#awake) threat.delete(player)
  }

  /** Creatures fall asleep where they stand, but never in a fight or on the way home. */
  #look(now: Instant, prey: ReadonlyMap<EntityId, Prey>): void {
    this.#lookAt = now + WAKE_EVERY_MS
    for (const creature of this.#all.values()) {
      const { mind } = creature
      const lives =
        mind.doing === 'chase' || mind.doing === 'return' || (mind.doing === 'dead' ? mind.until < Number.POSITIVE_INFINITY : isNear(creature, prey))
      if (!lives) this.#awake.delete(creature)
      else if (!this.#awake.has(creature)) {
        creature.steppedAt = now
        this.#awake.add(creature)
      }
    }
  }

  #live(creature: PooledCreature, prey: ReadonlyMap<EntityId, Prey>, now: Instant, { changed, swings }: PoolStep): void {
    const { view, mind: before, species } = creature
    const sight = sightOf(this.#map)
    const dtSeconds = Math.min(STEP_MAX_MS, now - creature.steppedAt) / 1000
    creature.steppedAt = now
    creature.mind = think(creature, { prey, sight, now, random: this.#random })
    if (creature.mind.doing === 'idle' && (before.doing === 'return' || before.doing === 'dead')) this.#restore(creature)
    const direction = stride(creature, prey)
    const { x, y, heading, flags } = view
    Object.assign(view, walk(this.#map, view, direction, dtSeconds))
    view.flags = creature.mind.doing === 'dead' ? FLAG.dead : direction.dx !== 0 || direction.dy !== 0 ? FLAG.walking : 0
    if (before !== creature.mind || view.x !== x || view.y !== y || view.heading !== heading || view.flags !== flags) changed.push(view)
    // Players see first what acts on them.
    view.target = creature.mind.doing === 'chase' ? creature.mind.prey : 0
    const target = now >= creature.readyAt ? inReach(creature, { prey, sight }) : undefined
    if (target === undefined) return
    creature.readyAt = now + species.everyMs
    swings.push({ by: view.id, at: target.id, damage: species.damage })
  }

  /** Home again, or alive again: with full health, and without a grudge. */
  #restore(creature: PooledCreature): void {
    creature.health = creature.species.health
    creature.view.health = 100
    creature.threat.clear()
    Object.assign(creature.view, creature.home)
  }
}

function isNear({ home, view }: PooledCreature, prey: ReadonlyMap<EntityId, Prey>): boolean {
  for (const one of prey.values()) if (distance(one, view) <= WAKE_M || distance(one, home) <= WAKE_M) return true
  return false
}
