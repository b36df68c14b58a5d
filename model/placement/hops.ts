import type { DurationMs, Instant } from '../clock.ts'
import type { CopyId } from '../ids.ts'
import type { MapPolicy } from '../policy/policy.ts'

/** What is remembered of somebody who chose copies of one map by hand. */
export interface HopHistory {
  /** How many hops they are taken to have made, at `at`; staying put makes them fewer. */
  level: number
  at: Instant
  /** Where the last one led. */
  copy: CopyId
}

type Cooldown = MapPolicy['moves']['hopCooldown']

/**
 * How long they have to wait before the next hop: `first`, times `factor` for each further one, at most `max` (Blizzard's answer to
 * layer hopping: "an increasing amount of time … will then decrease over time", notes/megaservers.md §1.2). 0: they may.
 */
export function hopWaitMs(history: HopHistory | undefined, cooldown: Cooldown, now: Instant): DurationMs {
  if (history === undefined || history.level <= 0) return 0
  const wait = Math.min(cooldown.maxMs, cooldown.firstMs * cooldown.factor ** (history.level - 1))
  return Math.max(0, history.at + wait - now)
}

/** The history after one more hop. The level falls evenly while they stay put, and is forgotten after `forget`. */
export function afterHop(history: HopHistory | undefined, cooldown: Cooldown, copy: CopyId, now: Instant): HopHistory {
  return { level: decayed(history, cooldown, now) + 1, at: now, copy }
}

function decayed(history: HopHistory | undefined, { forgetMs }: Cooldown, now: Instant): number {
  if (history === undefined || now - history.at >= forgetMs) return 0
  return history.level * (1 - Math.max(0, now - history.at) / forgetMs)
}
