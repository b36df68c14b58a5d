import { randomUUID } from 'node:crypto'
import type { DurationMs, Instant } from '../../model/clock.ts'
import { StrataError } from '../../model/errors.ts'
import { defaultFairness, type Evidence, type FairnessAction, type FairnessPolicy, loseTrust, trustAt, type ViolationKind } from '../../model/fairness.ts'
import type { CharacterId, EntityId } from '../../model/ids.ts'
import { control, type WarnedMessage } from '../../model/wire/room.ts'
import { TokenBucket } from './connection/tokenBucket.ts'
import type { ZoneCore } from './core.ts'
import type { MovementClaim, MovementResult, MovementRule } from './fairness/movement.ts'
import type { PlayerChecks } from './fairness/playerChecks.ts'
import { PositionHistory } from './fairness/positionHistory.ts'
import { checkTarget, HISTORY_MS } from './fairness/targetCheck.ts'
import type { Point, Walls } from './fairness/walls/walls.ts'
import type { Body, Resident } from './residents/resident.ts'

/** Actions that a character cannot pay, which count as honest: its client has not yet seen what others took from it. One more every ten seconds. */
const UNPAID = { burst: 5, perSecond: 0.1 }

/** Number of steps between two searches for positions of entities that are gone. */
const FORGET_EVERY = 100

/** What one action of the game needs. */
export interface ActionRule {
  /** The cool-down counts for this name. */
  name: string
  cooldownMs?: DurationMs
  /** Largest distance to the target in metres, measured to the edge of its `radiusM`. */
  rangeM?: number
  radiusM?: number
  /** Walls that may not be between the character and its target. */
  sight?: Walls
  /** How far back the action is judged by what the player saw. Default and most: 700 ms; 0: by the present. */
  rewindMs?: DurationMs
}

/** What a client asks for. */
export interface ActionClaim {
  target?: EntityId | Point
  /** Tick of the snapshot that the player saw, interpolation included. Without it the present counts. */
  seenTick?: number
  /** What the character has of what the action costs, such as mana. The game takes it when the action is allowed. */
  cost?: { has: number; needs: number }
}

export type ActionResult =
  /** `at`: where the target was for the player. */
  { allowed: true; at?: Point } | { allowed: false; reason: 'cooldown' | 'cost' | 'range' | 'sight' | 'no target' }

/** The residents of the room, as far as fairness needs them. */
interface People<State, Input> {
  get(character: CharacterId): Resident<State, Input> | undefined
  [Symbol.iterator](): IterableIterator<Resident<State, Input>>
  end(resident: Resident<State, Input>, reason: StrataError): Promise<void>
}

/**
 * Judges what the clients of one room claim, and takes the actions of the map's policy (`fairness`). A game calls `move`, `time` and `act` for what its
 * clients send, and `report` for rules of its own. What lag can explain is refused or corrected only; what no honest client sends is a violation.
 */
export class FairPlay<State, Input> {
  /** As the policy of the map says; the defaults until the copy says otherwise. */
  policy: FairnessPolicy = defaultFairness
  readonly #core: ZoneCore<State, Input>
  readonly #people: People<State, Input>
  /** Created when the game first asks for a target: other games pay nothing for it. */
  #history: PositionHistory | undefined
  readonly #tracked = new Set<EntityId>()
  readonly #unpaid = new WeakMap<PlayerChecks, TokenBucket>()

  constructor(core: ZoneCore<State, Input>, people: People<State, Input>) {
    this.#core = core
    this.#people = people
  }

  // --- methods for the game --------------------------------------------------------------------------------------
  /** Checks the position that a client claims for its body. The game sets the body to the result; `accepted: false`: the game tells its client. */
  move(body: Body<State>, claim: MovementClaim, rule: MovementRule): MovementResult {
    const checks = this.#checksOf(body)
    if (checks === undefined) return { x: body.x, y: body.y, accepted: false }
    const result = checks.movement.check(body, claim, rule, this.#now)
    if (result.violation === undefined) return result
    const { kind, evidence } = result.violation
    const corrected = this.report(body, kind, { ...evidence, fromX: round(body.x), fromY: round(body.y) })
    return corrected ? result : { ...result, x: claim.x, y: claim.y }
  }

  /** For games whose inputs carry a duration and whose server moves the body: returns the part of `claimedMs` that counts. Use this or `move`, not both. */
  time(body: Body<State>, claimedMs: DurationMs): DurationMs {
    const checks = this.#checksOf(body)
    if (checks === undefined) return 0
    const { grantedMs, impossibleMs } = checks.time.take(claimedMs, this.#now)
    if (impossibleMs > 0 && !this.report(body, 'time', { claimedMs, impossibleMs: Math.round(impossibleMs) })) return claimedMs
    return grantedMs
  }

  /** The server has put the body somewhere else, such as by a spell: the next claim of its client starts there. */
  placed(body: Body<State>): void {
    this.#checksOf(body)?.movement.placed()
  }

  /** Checks cool-down, cost, range and line of sight of an action. When it is allowed, its cool-down begins. */
  act(body: Body<State>, rule: ActionRule, claim: ActionClaim = {}): ActionResult {
    const checks = this.#checksOf(body)
    if (checks === undefined) return { allowed: false, reason: 'no target' }
    const now = this.#now
    const { name, cooldownMs = 0 } = rule
    const { ready, impossible } = checks.cooldowns.attempt(name, cooldownMs, now)
    if (impossible) this.report(body, 'cooldown', { action: name, cooldownMs })
    if (!ready) return { allowed: false, reason: 'cooldown' }
    const { cost, target } = claim
    if (cost !== undefined && cost.has < cost.needs) {
      if (!this.#mayBeUnpaid(checks, now)) this.report(body, 'cost', { action: name, has: cost.has, needs: cost.needs })
      return { allowed: false, reason: 'cost' }
    }
    if (target === undefined) {
      checks.cooldowns.use(name, cooldownMs, now)
      return { allowed: true }
    }
    const history = this.#rewindable()
    const seenAt = claim.seenTick === undefined ? now : this.timeOf(claim.seenTick)
    const aim = { actor: body, target, seenAt, rangeM: rule.rangeM, radiusM: rule.radiusM, sight: rule.sight, rewindMs: rule.rewindMs }
    const { at, refused, violation } = checkTarget(aim, history, (id) => this.#core.grid.get(id), now)
    if (violation !== undefined) this.report(body, violation.kind, { action: name, ...violation.evidence })
    if (at === undefined) return { allowed: false, reason: 'no target' }
    if (refused !== undefined) return { allowed: false, reason: refused }
    checks.cooldowns.use(name, cooldownMs, now)
    return { allowed: true, at }
  }

  /** When an action of the character is ready again; in the past: it is ready. */
  readyAt(body: Body<State>, action: string): Instant {
    return this.#checksOf(body)?.cooldowns.readyAt(action) ?? Number.NEGATIVE_INFINITY
  }

  /** Keeps the positions of a thing that moves, so that actions against it are judged by what the player saw. Bodies are kept without a call. */
  track(id: EntityId): void {
    this.#tracked.add(id)
    this.#rewindable()
  }
  untrack(id: EntityId): void {
    this.#tracked.delete(id)
    this.#history?.forget(id)
  }

  /** The instant of a simulation step, from the number of the current one. */
  timeOf(tick: number): Instant {
    return this.#now - ((this.#core.tick() - tick) * 1000) / this.#core.tickRate
  }

  /** The trust score of the character, 0..100: what it lost by violations comes back by half every two hours. */
  trustOf(body: Body<State>): number {
    return trustAt(this.#checksOf(body)?.lostTrust, this.#now)
  }

  /**
   * Records a violation, also one of a rule of the game's own, and takes the actions of the policy. Returns whether the policy corrects: then the claim must not
   * count. At most 64 characters of each text of the evidence are stored.
   */
  report(body: Body<State>, kind: ViolationKind, evidence: Evidence = {}): boolean {
    const resident = this.#people.get(body.holder.character)
    if (resident === undefined || resident.body !== body) return true
    const { services, copy, map, log } = this.#core
    const { checks, character } = resident
    const now = this.#now
    const actions = checks.counter.add(kind, this.policy, now)
    checks.lostTrust = loseTrust(checks.lostTrust, kind, now)
    const action = strongest(actions)
    const trust = Math.round(trustAt(checks.lostTrust, now))
    services.metrics.violations.inc({ kind, action })
    const [x, y] = [round(body.x), round(body.y)]
    services.violations?.add({ id: randomUUID(), at: now, character, map, copy, tick: this.#core.tick(), kind, count: 1, action, x, y, evidence, trust })
    if (actions.has('warn')) resident.connection?.send(control.warned, { kind } satisfies WarnedMessage)
    if (actions.has('kick')) {
      log.info({ character, kind, evidence, trust }, 'a character is kicked for unfair play')
      // Not at once: the caller may be iterating over the residents.
      queueMicrotask(() => void this.#people.end(resident, new StrataError('UNFAIR_PLAY', { kind })))
    }
    return actions.has('correct')
  }

  // --- called by the room ----------------------------------------------------------------------------------------
  /** The player did something on purpose. Finds intervals of a machine. */
  acted({ body, checks }: Resident<State, Input>): void {
    const found = checks.intervals.add(this.#now)
    if (found !== undefined) this.report(body, 'timing', found)
  }

  /** After each simulation step. */
  recordPositions(): void {
    const history = this.#history
    if (history === undefined) return
    const now = this.#now
    for (const { phase, body } of this.#people) if (phase === 'live') history.record(body.id, body, now)
    for (const id of this.#tracked) {
      const thing = this.#core.grid.get(id)
      if (thing !== undefined) history.record(id, thing, now)
    }
    if (this.#core.tick() % FORGET_EVERY === 0) history.forgetOlder(now)
  }

  get #now(): Instant {
    return this.#core.services.clock.now()
  }

  #rewindable(): PositionHistory {
    this.#history ??= new PositionHistory(HISTORY_MS, 1000 / this.#core.tickRate)
    return this.#history
  }

  #checksOf(body: Body<State>): PlayerChecks | undefined {
    const resident = this.#people.get(body.holder.character)
    return resident?.body === body ? resident.checks : undefined
  }

  #mayBeUnpaid(checks: PlayerChecks, now: Instant): boolean {
    const bucket = this.#unpaid.get(checks) ?? new TokenBucket(UNPAID, now)
    this.#unpaid.set(checks, bucket)
    return bucket.take(now)
  }
}

function strongest(actions: ReadonlySet<FairnessAction>): FairnessAction | 'none' {
  for (const action of ['kick', 'flag', 'warn', 'correct'] as const) if (actions.has(action)) return action
  return 'none'
}

function round(metres: number): number {
  return Math.round(metres * 100) / 100
}
