import type { DurationMs, Instant } from '../../../model/clock.ts'
import { defined } from '../../../model/defined.ts'
import type { Evidence, ViolationKind } from '../../../model/fairness.ts'
import { LONGEST_STALL_MS, type TimeBudget } from './timeBudget.ts'
import { along, distance, inFrontOf, type Point, type Walls } from './walls/walls.ts'

/** What the game allows a body at this moment. It may differ from call to call, such as on a horse. */
export interface MovementRule {
  /** Metres per second. */
  maxSpeed: number
  /** Metres per second and second. Checked only for claims with `ms`, because the time between two arrivals says nothing about the time between two steps. */
  maxAcceleration?: number
  walls?: Walls
}

/** Where the client says that its body is. `ms`: how long the client took for the way, for clients that send one claim for each step of their own. */
export interface MovementClaim extends Point {
  ms?: DurationMs
}

export interface Breach {
  kind: ViolationKind
  evidence: Evidence
}

export interface MovementResult extends Point {
  /** The claim counts in full. */
  accepted: boolean
  /** Set when no lag explains the claim. A claim that came too late counts in part, and is no violation. */
  violation?: Breach
}

/** Share of the speed that rounding on the wire may add: the ways between rounded positions are up to this much longer than the way itself. */
const SPEED_TOLERANCE = 0.05
/** Distance in metres that rounding may add to one claim, at both ends of a way: positions are in units of 1/32 m. It does not add up over claims. */
const ROUNDING_M = 0.1
/** From this excess on, in metres, a claim is a jump and not a high speed. Also one second of the way at full speed, if that is longer. */
const TELEPORT_M = 5
/** Longest time in ms that one claim may cover. A client that was stalled sends several. */
const CLAIM_MAX_MS: DurationMs = 1_000
/** Corrections that are kept, as long as the longest stall. With one for each claim at 20 Hz, these are more than the last ten seconds. */
const CORRECTIONS_MAX = 256
/** Speed in m/s below which a body counts as rooted: any way is too long then. */
const ROOTED_MPS = 0.001

/**
 * Checks the positions that one client claims for its body. Pure: the caller passes the time, and sets the body to the result. What counts is the way from where
 * the server has the body. Whether it is a violation is judged by the way from the client's last claim, or from a recent correction, if that is shorter. A client
 * that was corrected a moment ago does not know it yet; later it starts where the correction put it, while the server has gone on.
 */
export class MovementCheck {
  readonly #budget: TimeBudget
  #claimed: Point | undefined
  /** Where the client was put within the last seconds, oldest first. */
  #corrections: (Point & { at: Instant })[] = []
  /** Velocity of the last claim that had a duration, in m/s. */
  #velocity: Point | undefined

  constructor(budget: TimeBudget) {
    this.#budget = budget
  }

  /** The server has put the body somewhere: the next claim starts there, without a velocity. */
  placed(): void {
    this.#claimed = undefined
    this.#velocity = undefined
  }

  /** `from`: where the server has the body. */
  check(from: Point, claim: MovementClaim, rule: MovementRule, now: Instant): MovementResult {
    const { maxSpeed, walls } = rule
    const start = this.#start(from, claim, now)
    const wanted = distance(from, claim)
    const wall = walls?.clearPart(from, claim) ?? 1
    const reach = walls !== undefined && wall < 1 ? inFrontOf(walls, from, claim) : claim
    const speed = Math.max(ROOTED_MPS, maxSpeed * (1 + SPEED_TOLERANCE))
    const ms = Math.min(claim.ms ?? 0, CLAIM_MAX_MS)
    const claimedMs = Math.max((wanted / speed) * 1000, ms)
    const judgedMs = Math.max((distance(start, claim) / speed) * 1000, ms)
    const { grantedMs, impossibleMs } = this.#budget.take(claimedMs, now, judgedMs)
    const part = Math.min(claimedMs === 0 ? 1 : grantedMs / claimedMs, partInTime(claim, wanted, speed))
    const to = part < 1 ? along(from, reach, part) : reach
    const violation = this.#breach({ start, claim, rule, impossibleMs, blocked: wall < 1 && (walls?.clearPart(start, claim) ?? 1) < 1 })
    const kept = violation?.kind === 'teleport' || violation?.kind === 'acceleration' ? from : to
    this.#velocity = violation === undefined ? velocityOf(start, claim) : undefined
    this.#claimed = violation === undefined ? { x: claim.x, y: claim.y } : undefined
    const accepted = violation === undefined && part === 1 && wall === 1
    if (!accepted) this.#noteCorrection(kept, now)
    return { x: kept.x, y: kept.y, accepted, ...defined({ violation }) }
  }

  /** Places close to each other are one: dozens of claims arrive at once after a stall. */
  #noteCorrection({ x, y }: Point, now: Instant): void {
    const last = this.#corrections.at(-1)
    if (last !== undefined && distance(last, { x, y }) < ROUNDING_M) last.at = now
    else this.#corrections = [...this.#corrections.slice(1 - CORRECTIONS_MAX), { x, y, at: now }]
  }

  /** The place from which the way to the claim is shortest, of those where an honest client may believe to be. */
  #start(from: Point, claim: Point, now: Instant): Point {
    this.#corrections = this.#corrections.filter(({ at }) => now - at < LONGEST_STALL_MS)
    let nearest = from
    for (const place of [this.#claimed, ...this.#corrections]) if (place !== undefined && distance(place, claim) < distance(nearest, claim)) nearest = place
    return nearest
  }

  #breach({ start, claim, rule, impossibleMs, blocked }: Judged): Breach | undefined {
    const metres = distance(start, claim)
    const { maxSpeed } = rule
    const excessM = (impossibleMs * maxSpeed) / 1000
    if (excessM >= Math.max(TELEPORT_M, maxSpeed)) return { kind: 'teleport', evidence: { metres: round(metres), excessM: round(excessM) } }
    const fast = tooFast(metres, claim, maxSpeed)
    if (fast !== undefined) return fast
    if (impossibleMs > 0) return { kind: 'speed', evidence: { metres: round(metres), maxSpeed, impossibleMs: Math.round(impossibleMs) } }
    if (blocked) return { kind: 'wall', evidence: { metres: round(metres), toX: round(claim.x), toY: round(claim.y) } }
    return this.#jerked(start, claim, rule)
  }

  #jerked(start: Point, claim: MovementClaim, { maxAcceleration, maxSpeed }: MovementRule): Breach | undefined {
    const next = velocityOf(start, claim)
    if (maxAcceleration === undefined || next === undefined || this.#velocity === undefined || claim.ms === undefined) return undefined
    const changeMps = distance(this.#velocity, next)
    const allowedMps = (maxAcceleration * claim.ms) / 1000 + maxSpeed * SPEED_TOLERANCE + (ROUNDING_M * 1000) / claim.ms
    return changeMps > allowedMps ? { kind: 'acceleration', evidence: { changeMps: round(changeMps), allowedMps: round(allowedMps) } } : undefined
  }
}

interface Judged {
  start: Point
  claim: MovementClaim
  rule: MovementRule
  impossibleMs: DurationMs
  blocked: boolean
}

/** The part of the way that is possible in the time that the claim itself names. */
function partInTime({ ms }: MovementClaim, wantedM: number, speed: number): number {
  return ms === undefined || wantedM === 0 ? 1 : Math.min(1, ((speed * Math.min(ms, CLAIM_MAX_MS)) / 1000 + ROUNDING_M) / wantedM)
}

/** The claim contradicts itself: its way is too long for the time that it names. */
function tooFast(metres: number, { ms }: MovementClaim, maxSpeed: number): Breach | undefined {
  if (ms === undefined) return undefined
  const allowedM = (maxSpeed * (1 + SPEED_TOLERANCE) * Math.min(ms, CLAIM_MAX_MS)) / 1000 + ROUNDING_M
  return metres > allowedM ? { kind: 'speed', evidence: { metres: round(metres), ms, allowedM: round(allowedM) } } : undefined
}

function velocityOf(from: Point, { x, y, ms }: MovementClaim): Point | undefined {
  return ms === undefined || ms <= 0 ? undefined : { x: ((x - from.x) * 1000) / ms, y: ((y - from.y) * 1000) / ms }
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
