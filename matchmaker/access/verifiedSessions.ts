import type { DurationMs, Instant } from '../../model/clock.ts'

/** A token stays good for so long without another look at its signature: no longer than a key that was withdrawn may still count. */
const KEPT_MS: DurationMs = 60_000
const KEPT_MAX = 20_000

/**
 * Tokens that were found good a moment ago. Clients come with the same one again and again, and a signature is the dearest part of a
 * short request. Bounded: the oldest are forgotten first.
 */
export class VerifiedSessions<Session> {
  readonly #kept = new Map<string, { session: Session; until: Instant }>()

  get(token: string, now: Instant): Session | undefined {
    const kept = this.#kept.get(token)
    if (kept === undefined || now < kept.until) return kept?.session
    this.#kept.delete(token)
    return undefined
  }

  /** `expires`: of the token itself. */
  keep(token: string, session: Session, now: Instant, expires: Instant): void {
    this.#kept.delete(token)
    this.#kept.set(token, { session, until: Math.min(expires, now + KEPT_MS) })
    const [oldest] = this.#kept.keys()
    if (this.#kept.size > KEPT_MAX && oldest !== undefined) this.#kept.delete(oldest)
  }
}
