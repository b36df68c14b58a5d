import type { DurationMs, Instant } from '../../../model/clock.ts'
import type { EntityId } from '../../../model/ids.ts'
import type { Breach } from './movement.ts'
import type { PositionHistory } from './positionHistory.ts'
import { distance, type Point, type Walls } from './walls/walls.ts'

/** How far back an action is judged by what its player saw: two ways of 280 ms through the network, and 140 ms of interpolation. */
export const REWIND_MAX_MS: DurationMs = 700
/** How long positions are kept, in ms. A refused action is a violation only if it was impossible during all of this time. */
export const HISTORY_MS: DurationMs = 2_000
/** Share by which the range is longer before a refused action is a violation: the client measures from its own, predicted position. */
const RANGE_TOLERANCE = 0.25

export interface Aim {
  actor: { id: EntityId } & Point
  target: EntityId | Point
  /** What the player saw; later or much earlier instants are brought into the bounds. */
  seenAt: Instant
  rangeM?: number | undefined
  sight?: Walls | undefined
  /** Metres around the target that count as hit. */
  radiusM?: number | undefined
  rewindMs?: DurationMs | undefined
}

export interface TargetResult {
  /** Where the target was; undefined: there is no such entity. */
  at?: Point
  refused?: 'range' | 'sight'
  /** Set when the action was impossible at every moment that is kept. */
  violation?: Breach
}

/** Checks range and line of sight against where the target was when the player saw it. `current` gives the position of entities without a history. */
export function checkTarget(aim: Aim, history: PositionHistory | undefined, current: (id: EntityId) => Point | undefined, now: Instant): TargetResult {
  const { actor, target } = aim
  const seenAt = Math.max(now - (aim.rewindMs ?? REWIND_MAX_MS), Math.min(now, aim.seenAt))
  const at = typeof target === 'number' ? (history?.at(target, seenAt) ?? current(target)) : target
  if (at === undefined) return {}
  const refused = refusalOf(aim, actor, at)
  if (refused === undefined) return { at }
  const metres = Math.round(distance(actor, at) * 100) / 100
  const evidence = { metres, rangeM: aim.rangeM ?? 0, rewindMs: Math.round(now - seenAt) }
  return everPossible(aim, history, at) ? { at, refused } : { at, refused, violation: { kind: refused, evidence } }
}

function refusalOf({ rangeM, sight, radiusM = 0 }: Aim, from: Point, at: Point, tolerance = 0): 'range' | 'sight' | undefined {
  if (rangeM !== undefined && distance(from, at) - radiusM > rangeM * (1 + tolerance)) return 'range'
  return sight !== undefined && sight.clearPart(from, at) < 1 ? 'sight' : undefined
}

/** Whether the action was possible from any kept position of the character to any kept position of the target. */
function everPossible(aim: Aim, history: PositionHistory | undefined, at: Point): boolean {
  const keptOf = (id: EntityId): Point[] => [...(history?.since(id, Number.NEGATIVE_INFINITY) ?? [])]
  const actors = [aim.actor, ...keptOf(aim.actor.id)]
  const targets = typeof aim.target === 'number' ? [at, ...keptOf(aim.target)] : [at]
  return actors.some((from) => targets.some((to) => refusalOf(aim, from, to, RANGE_TOLERANCE) === undefined))
}
