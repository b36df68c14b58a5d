import { z } from 'zod'
import type { Instant } from '../../../model/clock.ts'
import type { EntityId } from '../../../model/ids.ts'
import type { Body, ZoneRoom } from '../../zone/zoneRoom.ts'
import type { CreaturePool, Swing } from '../creatures/creaturePool.ts'
import type { Species } from '../creatures/species.ts'
import { demoMap } from '../maps.ts'
import type { DemoState, WalkInput } from '../state.ts'
import { inLineOfSight } from '../walls.ts'
import { Trail } from './trail.ts'
import { ATTACK, FIGHT_MS, isDown, recovered, struck, unhurt } from './vitals.ts'

/** An attack on the creature `target` as the client saw it at the simulation step `tick`. */
export const attackMessage = z.strictObject({ target: z.int().min(1), tick: z.int().min(0) })
type Attack = z.infer<typeof attackMessage>

/**
 * How long ago an attacker may have seen its target, in ms: a round trip of 300 ms, 100 ms between two snapshots and 100 ms of interpolation. With more, a
 * player with a slow connection, or one who pretends it, hits where nothing has stood for a long time.
 */
export const REWIND_MS = 500
/** Added to the reach in metres: the client predicts its own body, which is a few centimetres ahead of the server's, and positions are rounded on the wire. */
const REACH_TOLERANCE_M = 0.5
/** An attack that comes this much too early, in ms, is made: two attacks at the right interval may come closer together after a jitter of the network. */
const EARLY_MS = 150

/** What a fight does to the rest of the room. */
export interface FightEvents {
  /** A creature was killed. `attackers`: the players who took health from it. */
  killed(creature: { id: EntityId; species: Species }, by: Body<DemoState>, attackers: readonly EntityId[]): void
  /** A player went down. */
  down(body: Body<DemoState>): void
  /** The player stands up again, unhurt. */
  returned(body: Body<DemoState>): void
}

type FightRoom = Pick<ZoneRoom<DemoState, WalkInput>, 'map' | 'now' | 'tick' | 'tickRate' | 'tell' | 'tellNear'>

/** The fights between the players and the creatures of one room. */
export class Fights {
  readonly #room: FightRoom
  readonly #pool: CreaturePool
  readonly #events: FightEvents
  readonly #trail: Trail
  /** Time of the last blow that a body gave or took. */
  readonly #lastBlow = new Map<EntityId, Instant>()

  constructor(room: FightRoom, pool: CreaturePool, events: FightEvents) {
    this.#room = room
    this.#pool = pool
    this.#events = events
    this.#trail = new Trail(Math.ceil((REWIND_MS * room.tickRate) / 1000))
    for (const view of pool.views()) this.#trail.record(view.id, view, room.tick)
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
    const { now, tick: present, map } = this.#room
    const { vitals } = body.state
    if (isDown(vitals)) return 'you are down'
    const creature = this.#pool.living(target)
    const seen = this.#trail.at(target, tick, present)
    if (creature === undefined || seen === undefined) return 'no creature lives there'
    if (now < vitals.readyAt - EARLY_MS) return 'you are not ready yet'
    if (Math.hypot(seen.x - body.x, seen.y - body.y) > ATTACK.reachM + REACH_TOLERANCE_M) return 'too far away'
    if (!inLineOfSight(demoMap(map).walls, body, seen)) return 'something is in the way'
    const hit = this.#pool.hurt(target, body.id, ATTACK.damage, now)
    if (hit === undefined) return 'it is on its way home'
    // From when the attack was due: attacks that come early by turns are not more of them.
    body.state.vitals = { ...vitals, readyAt: Math.max(now, vitals.readyAt) + ATTACK.everyMs, target: hit.health > 0 ? target : 0 }
    this.#lastBlow.set(body.id, now)
    body.heading = Math.atan2(seen.y - body.y, seen.x - body.x)
    this.#room.tellNear(body, 'hit', { by: body.id, target, damage: ATTACK.damage, health: hit.health })
    if (hit.health === 0) this.#events.killed({ id: target, species: creature.species }, body, hit.by)
    return undefined
  }

  /** One step of the creatures, and of the health of all bodies. */
  step(bodies: readonly Body<DemoState>[], dtSeconds: number): void {
    const { now, tick } = this.#room
    const standing = new Map(bodies.filter(({ state }) => !isDown(state.vitals)).map((body) => [body.id, body]))
    const { changed, swings } = this.#pool.step(now, standing)
    for (const view of changed) this.#trail.record(view.id, view, tick)
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
