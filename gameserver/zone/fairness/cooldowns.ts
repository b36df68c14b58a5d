import type { DurationMs, Instant } from '../../../model/clock.ts'
import { LONGEST_STALL_MS } from './timeBudget.ts'

/** How much earlier than the cool-down, in ms, an action may arrive: the jitter of a bad network. It is not gained, because the next cool-down begins later. */
const EARLY_MS: DurationMs = 250

interface Used {
  /** When the action is ready again, by the accepted uses. */
  ready: Instant
  /** The same by all attempts; it runs ahead of the time when the client tries more often than the cool-down allows. */
  attempted: Instant
}

/**
 * Cool-downs of one character: the generic cell rate algorithm for each action. Over any time, an action is used no more often than its cool-down
 * allows.
 */
export class Cooldowns {
  readonly #used = new Map<string, Used>()

  /** Whether the action may be used now. `impossible`: the client has tried so often that no stall explains it. */
  attempt(action: string, cooldownMs: DurationMs, now: Instant): { ready: boolean; impossible: boolean } {
    const { ready, attempted } = this.#used.get(action) ?? { ready: now, attempted: now }
    const next = Math.max(attempted, now) + cooldownMs
    const impossible = next - now > LONGEST_STALL_MS + cooldownMs
    // An attempt that is counted as a violation does not also count against the next ones.
    this.#used.set(action, { ready, attempted: impossible ? attempted : next })
    return { ready: now >= ready - EARLY_MS, impossible }
  }

  /** The action was used: the cool-down begins. */
  use(action: string, cooldownMs: DurationMs, now: Instant): void {
    const used = this.#used.get(action)
    const ready = Math.max(used?.ready ?? now, now) + cooldownMs
    this.#used.set(action, { ready, attempted: used?.attempted ?? ready })
  }

  /** When the action is ready again; in the past: it is ready. */
  readyAt(action: string): Instant {
    return this.#used.get(action)?.ready ?? Number.NEGATIVE_INFINITY
  }
}
