import type { DirectoryEvent } from '../../directory/directory.ts'
import type { DurationMs, Instant } from '../../model/clock.ts'
import type { ServerId } from '../../model/ids.ts'

/** Reports to compare. A report can only arrive late, so the smallest difference of this many reports is close to the real clock offset. */
const REPORTS = 10

/** Measures how far the clock of each game server is behind the clock of this process, in ms; negative when it is ahead. */
export class ClockOffsets {
  readonly #differences = new Map<ServerId, DurationMs[]>()

  onEvent(event: DirectoryEvent, now: Instant): void {
    if (event.type !== 'server') return
    const { server, report } = event
    if (report !== undefined) this.#differences.set(server, [...(this.#differences.get(server) ?? []).slice(1 - REPORTS), now - report.beat])
  }

  /** Offsets of the `servers` that have sent enough reports. Data of all other servers is dropped. */
  of(servers: Pick<ReadonlySet<ServerId>, 'has'>): Map<ServerId, DurationMs> {
    for (const server of [...this.#differences.keys()]) if (!servers.has(server)) this.#differences.delete(server)
    return new Map([...this.#differences].filter(([, offsets]) => offsets.length === REPORTS).map(([server, offsets]) => [server, Math.min(...offsets)]))
  }
}
