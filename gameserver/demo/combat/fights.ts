import { z } from 'zod'
import type { Instant } from '../../../model/clock.ts'
import type { EntityId } from '../../../model/ids.ts'
import type { ActionResult, ActionRule } from '../../zone/fairPlay.ts'
import type { Body, ZoneRoom } from '../../zone/zoneRoom.ts'
import type { CreaturePool, Swing } from '../creatures/creaturePool.ts'
import type { Species } from '../creatures/species.ts'
import { sightOf } from '../sight.ts'
import type { DemoState, WalkInput } from '../state.ts'
import { ATTACK, FIGHT_MS, isDown, recovered, struck, unhurt } from './vitals.ts'

/** An attack on the creature `target` as the client saw it at the simulation step `tick`. */
export const attackMessage = z.strictObject({ target: z.int().min(1), tick: z.int().min(0) })
type Attack = z.infer<typeof attackMessage>

/**
 * How long ago an attacker may have seen its target, in ms: a round trip of 300 ms, 100 ms between two snapshots and 100 ms of interpolation. With more, a
 * player with a slow connection, or one who pretends it, hits where nothing has stood for a long time.
 */
export const REWIND_MS = 500
/** Half of the width of a creature in metres: the reach ends at its edge. */
const CREATURE_RADIUS_M = 0.5
/** An attack that comes this much too early, in ms, is made: a jitter of the network brings two attacks closer together than they were made. */
const EARLY_MS = 250

const refusals: Record<Extract<ActionResult, { allowed: false }>['reason'], string> = {
  cooldown: 'you are not ready yet',
  cost: 'you cannot pay for it',
  range: 'too far away',
  sight: 'something is in the way',
  'no target': 'no creature lives there',
}

/** What a fight does to the rest of the room. */
export interface FightEvents {
  /** A creature was killed. `attackers`: the players who took health from it. */
  killed(creature: { id: EntityId; species: Species }, by: Body<DemoState>, attackers: readonly EntityId[]): void
  /** A player went down. */
  down(body: Body<DemoState>): void
  /** The player stands up again, unhurt. */
  returned(body: Body<DemoState>): void
}

type FightRoom = Pick<ZoneRoom<DemoState, WalkInput>, 'map' | 'now' | 'fair' | 'tellNear'>

/** The fights between the players and the creatures of one room. */
export class Fights {
  readonly #room: FightRoom
  readonly #pool: CreaturePool
  readonly #events: FightEvents
  readonly #attack: ActionRule
  /** Time of the last blow that a body gave or took. */
  readonly #lastBlow = new Map<EntityId, Instant>()

  constructor(room: FightRoom, pool: CreaturePool, events: FightEvents) {
    this.#room = room
    this.#pool = pool
    this.#events = events
    this.#attack = {
      name: 'attack',
      cooldownMs: ATTACK.everyMs,
      rangeM: ATTACK.reachM,
      radiusM: CREATURE_RADIUS_M,
      sight: sightOf(room.map),
      rewindMs: REWIND_MS,
    }
    for (const { id } of pool.views()) room.fair.track(id)
  }

  isFighting({ id }: Body<DemoState>): boolean {
    return (this.#lastBlow.get(id) ?? Number.NEGATIVE_INFINITY) > this.#room.now - FIGHT_MS
  }

  /** The body has left the room: nobody chases it any more. */
  forget({ id }: Body<DemoState>): void {
    this.#lastBlow.delete(id)
    this.#pool.forget(id)
  }

  /** An attack that a client asks for. Returns why it is refused. */
  attack(body: Body<DemoState>, { target, tick }: Attack): string | undefined {
    const { now, fair } = this.#room
    const { vitals } = body.state
    if (isDown(vitals)) return 'you are down'
    const creature = this.#pool.living(target)
    if (creature === undefined) return refusals['no target']
    if (creature.mind.doing === 'return') return 'it is on its way home'
    const result = fair.act(body, this.#attack, { target, seenTick: tick })
    if (!result.allowed) return refusals[result.reason]
    // The new room of a moved character knows nothing of its cool-down; its state does.
    if (now < vitals.readyAt - EARLY_MS) return refusals.cooldown
    const hit = this.#pool.hurt(target, body.id, ATTACK.damage, now)
    if (hit === undefined) return refusals['no target']
    body.state.vitals = { ...vitals, readyAt: fair.readyAt(body, this.#attack.name), target: hit.health > 0 ? target : 0 }
    this.#lastBlow.set(body.id, now)
    if (result.at !== undefined) body.heading = Math.atan2(result.at.y - body.y, result.at.x - body.x)
    this.#room.tellNear(body, 'hit', { by: body.id, target, damage: ATTACK.damage, health: hit.health })
    if (hit.health === 0) this.#events.killed({ id: target, species: creature.species }, body, hit.by)
    return undefined
  }

  /** One step of the creatures, and of the health of all bodies. */
  step(bodies: readonly Body<DemoState>[], dtSeconds: number): void {
    const { now } = this.#room
    const standing = new Map(bodies.filter(({ state }) => !isDown(state.vitals)).map((body) => [body.id, body]))
    const { swings } = this.#pool.step(now, standing)
    for (const swing of swings) {
      const body = standing.get(swing.at)
      if (body !== undefined) this.#strike(body, swing, now)
    }
    for (const body of bodies) {
      const { vitals } = body.state
      if (isDown(vitals)) {
        if (now < vitals.downUntil) continue
        body.state.vitals = unhurt()
        this.#events.returned(body)
      } else if (!this.isFighting(body)) body.state.vitals = recovered(vitals, dtSeconds)
    }
  }

  #strike(body: Body<DemoState>, { by, damage }: Swing, now: Instant): void {
    // Two creatures may hit in the same step: the second one finds nobody standing.
    if (isDown(body.state.vitals)) return
    body.state.vitals = struck(body.state.vitals, damage, now)
    this.#lastBlow.set(body.id, now)
    this.#room.tellNear(body, 'hit', { by, target: body.id, damage, health: body.state.vitals.health })
    if (!isDown(body.state.vitals)) return
    this.forget(body)
    this.#events.down(body)
  }
}
