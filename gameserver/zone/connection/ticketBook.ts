import type { Instant } from '../../../model/clock.ts'
import { StrataError } from '../../../model/errors.ts'

/** Keeps the ids of used tickets until the tickets expire, so that each works once (rule S5). Enough per process: a ticket is for one copy, and a copy runs in one process. */
export class TicketBook {
  readonly #used = new Map<string, Instant>()
  #sweepAt = 0

  /** Throws TICKET_USED. */
  use(ticket: { id: string; expires: Instant }, now: Instant): void {
    if (now >= this.#sweepAt) this.#sweep(now)
    if (this.#used.has(ticket.id)) throw new StrataError('TICKET_USED')
    this.#used.set(ticket.id, ticket.expires)
  }

  get size(): number {
    return this.#used.size
  }

  /** Keeps a ticket one second longer than its deadline, because the deadline in the token is rounded to whole seconds. */
  #sweep(now: Instant): void {
    for (const [id, expires] of this.#used) if (expires + 1_000 < now) this.#used.delete(id)
    this.#sweepAt = now + 10_000
  }
}
