import type { DurationMs, Instant } from '../../../model/clock.ts'
import type { EntityId } from '../../../model/ids.ts'
import type { Random } from '../../../model/random.ts'
import type { Walls } from '../../zone/fairness/walls/walls.ts'
import type { Direction } from '../movement.ts'
import type { Species } from './species.ts'

interface Point {
  x: number
  y: number
}

/** What a creature does. `think` is the transition function; its comment is the table. */
export type Mind =
  | { doing: 'idle'; until: Instant }
  | { doing: 'wander'; to: Point; until: Instant }
  | { doing: 'chase'; prey: EntityId }
  | { doing: 'return'; until: Instant }
  /** `until`: when it lives again; infinite for a creature that stays dead. */
  | { doing: 'dead'; until: Instant }

/** A player as creatures see it. */
export interface Prey extends Point {
  id: EntityId
}

export interface Creature extends Point {
  species: Species
  home: Point
  mind: Mind
  /** Health that each attacker took. The creature chases the one that took most. */
  threat: ReadonlyMap<EntityId, number>
}

export interface Surroundings {
  /** The living players nearby. */
  prey: ReadonlyMap<EntityId, Prey>
  /** The walls that it cannot see through. */
  sight: Walls
  now: Instant
  random: Random
}

/** Distance in metres from its home within which an idle creature wanders. Short, so that herds keep their shape. */
export const WANDER_M = 6
/** An idle creature stands for between one and two times this long. */
const STAND_MS: DurationMs = 3_000
/** Longest time on the way to a place: something may be in between. */
const WANDER_MS: DurationMs = 6_000
/** Longest time on the way home. Creatures do not search for ways around walls; after this time it appears at home. */
export const RETURN_MS: DurationMs = 10_000
/** Distance in metres at which a place counts as reached. */
const THERE_M = 0.5
/** Share of its pace at which a creature wanders. */
const STROLL = 0.4

/**
 * What the creature does next. Pure: time and randomness are passed in.
 *
 * | now          | becomes  | when                                                                                |
 * | ------------ | -------- | ----------------------------------------------------------------------------------- |
 * | idle, wander | chase    | somebody attacked it, or stands within `aggroM` in its line of sight                |
 * | idle         | wander   | it has stood long enough                                                            |
 * | wander       | idle     | it is there, or the time is over                                                    |
 * | chase        | chase    | another attacker took more health                                                   |
 * | chase        | return   | nobody is left to chase, or it is farther from home than `leashM`                    |
 * | return       | idle     | it is home, or the time is over; it attacks nobody on the way                        |
 * | dead         | idle     | its time has come                                                                   |
 */
export function think(creature: Creature, around: Surroundings): Mind {
  const { mind, home, species } = creature
  const { now, random } = around
  switch (mind.doing) {
    case 'dead':
      return now >= mind.until ? { doing: 'idle', until: now } : mind
    case 'return':
      return distance(creature, home) <= THERE_M || now >= mind.until ? { doing: 'idle', until: now } : mind
    case 'chase': {
      const prey = mostHated(creature, around) ?? around.prey.get(mind.prey)
      if (prey === undefined || distance(creature, home) > species.leashM) return { doing: 'return', until: now + RETURN_MS }
      return prey.id === mind.prey ? mind : { doing: 'chase', prey: prey.id }
    }
    case 'idle':
    case 'wander': {
      const prey = mostHated(creature, around) ?? seen(creature, around)
      if (prey !== undefined) return { doing: 'chase', prey: prey.id }
      if (mind.doing === 'wander') {
        const there = distance(creature, mind.to) <= THERE_M || now >= mind.until
        return there ? { doing: 'idle', until: now + STAND_MS * (1 + random()) } : mind
      }
      if (now < mind.until) return mind
      const [turn, away] = [random() * 2 * Math.PI, random() * WANDER_M]
      return { doing: 'wander', to: { x: home.x + Math.cos(turn) * away, y: home.y + Math.sin(turn) * away }, until: now + WANDER_MS }
    }
  }
}

/** The direction in which the creature walks, at most 1 long (`walk` in movement.ts); zero when it stands. */
export function stride(creature: Creature, prey: ReadonlyMap<EntityId, Prey>): Direction {
  const { mind, species, home } = creature
  const to = mind.doing === 'wander' ? mind.to : mind.doing === 'return' ? home : mind.doing === 'chase' ? prey.get(mind.prey) : undefined
  if (to === undefined) return { dx: 0, dy: 0 }
  const far = distance(creature, to)
  if (far <= (mind.doing === 'chase' ? species.reachM * 0.8 : THERE_M / 2)) return { dx: 0, dy: 0 }
  const pace = mind.doing === 'wander' ? species.pace * STROLL : species.pace
  return { dx: ((to.x - creature.x) / far) * pace, dy: ((to.y - creature.y) / far) * pace }
}

/** The player whom the creature can hit from where it stands. */
export function inReach(creature: Creature, { prey, sight }: Pick<Surroundings, 'prey' | 'sight'>): Prey | undefined {
  const { mind, species } = creature
  const target = mind.doing === 'chase' ? prey.get(mind.prey) : undefined
  return target !== undefined && distance(creature, target) <= species.reachM && sees(sight, creature, target) ? target : undefined
}

function mostHated({ threat }: Creature, { prey }: Surroundings): Prey | undefined {
  let [most, taken]: [Prey | undefined, number] = [undefined, 0]
  for (const [id, damage] of threat) {
    const one = prey.get(id)
    if (one !== undefined && damage > taken) [most, taken] = [one, damage]
  }
  return most
}

function seen(creature: Creature, { prey, sight }: Surroundings): Prey | undefined {
  if (creature.species.aggroM === 0) return undefined
  let [nearest, far]: [Prey | undefined, number] = [undefined, creature.species.aggroM]
  for (const one of prey.values()) {
    const away = distance(creature, one)
    if (away < far && sees(sight, creature, one)) [nearest, far] = [one, away]
  }
  return nearest
}

function sees(sight: Walls, from: Point, to: Point): boolean {
  return sight.clearPart(from, to) === 1
}

export function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y)
}
