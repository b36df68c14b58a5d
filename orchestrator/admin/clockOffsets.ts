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
    if (report === undefined) this.#heard.delete(server)
    else this.#heard.set(server, [...(this.#heard.get(server) ?? []).slice(1 - BEATS), now - report.beat])
  }

  /** Of those that were heard often enough. */
  *[Symbol.iterator](): Generator<[ServerId, DurationMs]> {
    for (const [server, offsets] of this.#heard) if (offsets.length === BEATS) yield [server, Math.min(...offsets)]
  }
}
