import type { DurationMs, Instant } from '../clock.ts'
import type { CopyId } from '../ids.ts'
import type { MapPolicy } from '../policy/policy.ts'

/** Record of how often a player chose copies of one map by hand (a hop). */
export interface HopHistory {
  /** Number of hops that count, as of `at`. It decays while the player stays in one copy. */
  level: number
  at: Instant
  /** Destination of the last hop. */
  copy: CopyId
}

type Cooldown = MapPolicy['moves']['hopCooldown']

/**
 * Time until the next hop is allowed, in ms; 0: allowed now. The wait is `first`, times `factor` for each further hop, at most `max`. Blizzard
 * introduced the same rule against layer hopping in WoW Classic: "an increasing amount of time … will then decrease over time".
 */
export function hopWaitMs(history: HopHistory | undefined, cooldown: Cooldown, now: Instant): DurationMs {
  if (history === undefined || history.level <= 0) return 0
  const wait = Math.min(cooldown.maxMs, cooldown.firstMs * cooldown.factor ** (history.level - 1))
  return Math.max(0, history.at + wait - now)
}

/** The history after one more hop. The level falls linearly to zero over `forget`. */
export function afterHop(history: HopHistory | undefined, cooldown: Cooldown, copy: CopyId, now: Instant): HopHistory {
  return { level: decayed(history, cooldown, now) + 1, at: now, copy }
}

function decayed(history: HopHistory | undefined, { forgetMs }: Cooldown, now: Instant): number {
  if (history === undefined || now - history.at >= forgetMs) return 0
  return history.level * (1 - Math.max(0, now - history.at) / forgetMs)
}
