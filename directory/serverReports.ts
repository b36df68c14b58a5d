import type { Instant } from '../model/clock.ts'
import type { ServerId } from '../model/ids.ts'
import type { ServerReport } from '../model/server.ts'

/**
 * The latest report of each server. `beat` is replaced by the local time at which a changed beat arrived. The clock of a server may be wrong by
 * more than the time after which a silent server is declared lost, so its own beat cannot be compared with the local clock.
 */
export class ServerReports {
  readonly #reports = new Map<ServerId, ServerReport>()
  /** The last beat of each server, by the clock of that server. */
  readonly #reportedBeats = new Map<ServerId, Instant>()

  get reports(): ReadonlyMap<ServerId, ServerReport> {
    return this.#reports
  }

  /** The first report of a server counts as a beat at `now`, because the age of its beat cannot be known. */
  record(report: ServerReport, now: Instant): void {
    const { id, beat } = report
    const before = this.#reports.get(id)
    this.#reports.set(id, { ...report, beat: before !== undefined && this.#reportedBeats.get(id) === beat ? before.beat : now })
    this.#reportedBeats.set(id, beat)
  }

  /** Records all of `reports` and removes every other server. */
  replaceAll(reports: readonly ServerReport[], now: Instant): void {
    const reported = new Set(reports.map(({ id }) => id))
    for (const id of [...this.#reports.keys()]) if (!reported.has(id)) this.remove(id)
    for (const report of reports) this.record(report, now)
  }

  remove(id: ServerId): void {
    this.#reports.delete(id)
    this.#reportedBeats.delete(id)
  }
}
