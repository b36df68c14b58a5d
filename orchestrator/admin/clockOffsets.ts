import type { DirectoryEvent } from '../../directory/directory.ts'
import type { DurationMs, Instant } from '../../model/clock.ts'
import type { ServerId } from '../../model/ids.ts'

/** A beat is heard late and never early: the least of so many is what the clocks differ by. */
const BEATS = 10

/** By how much the clock of each game server is behind that of this process; below 0 it is ahead. */
export class ClockOffsets {
  readonly #heard = new Map<ServerId, DurationMs[]>()

  see(event: DirectoryEvent, now: Instant): void {
    if (event.type !== 'server') return
    const { server, report } = event
    if (report !== undefined) this.#heard.set(server, [...(this.#heard.get(server) ?? []).slice(1 - BEATS), now - report.beat])
  }

  /** Of those servers that were heard often enough; others are forgotten. */
  of(servers: Pick<ReadonlySet<ServerId>, 'has'>): Map<ServerId, DurationMs> {
    for (const server of [...this.#heard.keys()]) if (!servers.has(server)) this.#heard.delete(server)
    return new Map([...this.#heard].filter(([, offsets]) => offsets.length === BEATS).map(([server, offsets]) => [server, Math.min(...offsets)]))
  }
}
