import type { DurationMs, Instant } from '../../../model/clock.ts'
import type { ServerId } from '../../../model/ids.ts'
import type { GameServer } from '../../cluster/fleets.ts'

/** A server without copies is given back after this time. It is longer than the gap between a closing and the next opening, so that a server is not given back and allocated again. */
export const GIVE_BACK_AFTER_MS: DurationMs = 10_000

/** Tracks since when allocated servers have had no copies (rule C4). */
export class IdleServers {
  readonly #since = new Map<ServerId, Instant>()

  /** Servers to give back. `hosting`: servers with copies. */
  due(servers: readonly GameServer[], hosting: ReadonlySet<ServerId>, now: Instant): ServerId[] {
    const idle = new Set(servers.filter(({ id, state }) => state === 'Allocated' && !hosting.has(id)).map(({ id }) => id))
    for (const id of this.#since.keys()) if (!idle.has(id)) this.#since.delete(id)
    for (const id of idle) if (!this.#since.has(id)) this.#since.set(id, now)
    return [...idle].filter((id) => now - (this.#since.get(id) ?? now) >= GIVE_BACK_AFTER_MS)
  }
}
