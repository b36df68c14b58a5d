import type { Instant } from '../../../model/clock.ts'
import { StrataError } from '../../../model/errors.ts'

/** Remembers the tickets shown to this process until they expire, so that each works once (rule S5). A ticket is for one copy, and a copy lives in one process. */
export class TicketBook {
  readonly #used = new Map<string, Instant>()
  #sweepAt = 0

  /** Throws TICKET_USED. */
  use(ticket: { id: string; expires: Instant }, now: Instant): void {
    if (now >= this.#sweepAt) this.#sweep(now)
    if (this.#used.has(ticket.id)) throw new StrataError('TICKET_USED')
    this.#used.set(ticket.id, ticket.expires)
  }

  used(id: string): boolean {
    return this.#used.has(id)
  }
  get size(): number {
    return this.#used.size
  }

  /** A second of slack: the deadline inside a token is in whole seconds. */
  #sweep(now: Instant): void {
    for (const [id, expires] of this.#used) if (expires + 1_000 < now) this.#used.delete(id)
    this.#sweepAt = now + 10_000
  }
}
