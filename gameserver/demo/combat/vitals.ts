import type { DurationMs, Instant } from '../../../model/clock.ts'
import type { EntityId } from '../../../model/ids.ts'

/** Health of a player who is not hurt. */
export const HEALTH_MAX = 100
/** The attack of a player: health that it takes, time between two, and reach in metres. */
export const ATTACK = { damage: 20, everyMs: 1_000, reachM: 3 } as const
/** Time that a player lies on the ground before they return to where players arrive. */
export const DOWN_MS: DurationMs = 4_000
/** A fight is over this long after the last blow. A character in a fight is not moved and does not leave (rule M3). */
export const FIGHT_MS: DurationMs = 4_000
/** Health that comes back each second outside of fights. */
const RECOVERY_PER_SECOND = 4

/** The saved part of a character's fight. It goes along in moves, so that a new server neither heals nor rests anybody. */
export interface Vitals {
  health: number
  /** When the next attack is possible. */
  readyAt: Instant
  /** The creature that it attacked last; 0: none. */
  target: EntityId
  /** With health 0: when the character returns. */
  downUntil: Instant
}

export const unhurt = (): Vitals => ({ health: HEALTH_MAX, readyAt: 0, target: 0, downUntil: 0 })

export const isDown = ({ health }: Vitals): boolean => health <= 0

/** After a blow of a creature. At health 0 the character is down, and has no target. */
export function struck(vitals: Vitals, damage: number, now: Instant): Vitals {
  const health = Math.max(0, vitals.health - damage)
  return health > 0 ? { ...vitals, health } : { ...vitals, health, target: 0, downUntil: now + DOWN_MS }
}

/** A step outside of a fight. */
export function recovered(vitals: Vitals, dtSeconds: number): Vitals {
  if (isDown(vitals) || vitals.health >= HEALTH_MAX) return vitals
  return { ...vitals, health: Math.min(HEALTH_MAX, vitals.health + RECOVERY_PER_SECOND * dtSeconds) }
}
