import type { Instant } from '../model/clock.ts'
import type { ServerId } from '../model/ids.ts'
import type { ServerReport } from '../model/server.ts'

/**
 * What servers say of themselves, with each beat at the time at which it was heard here. A server is alive while its beats change: its own
 * clock may be wrong by more than it may be silent, and so would be declared lost with everybody in it.
 */
export class HeardServers {
  readonly #reports = new Map<ServerId, ServerReport>()
  /** Beats as they were told. */
  readonly #told = new Map<ServerId, Instant>()

  get reports(): ReadonlyMap<ServerId, ServerReport> {
    return this.#reports
  }

  /** One that is heard for the first time is alive now: how old its beat is cannot be known. */
  hear(report: ServerReport, now: Instant): void {
    const { id, beat } = report
    const before = this.#reports.get(id)
    this.#reports.set(id, { ...report, beat: before !== undefined && this.#told.get(id) === beat ? before.beat : now })
    this.#told.set(id, beat)
  }

  /** These are all that there are. */
  replace(reports: readonly ServerReport[], now: Instant): void {
    const there = new Set(reports.map(({ id }) => id))
    for (const id of [...this.#reports.keys()]) if (!there.has(id)) this.forget(id)
    for (const report of reports) this.hear(report, now)
  }

  forget(id: ServerId): void {
    this.#reports.delete(id)
    this.#told.delete(id)
  }
}
