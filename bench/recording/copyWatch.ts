import type { CensusReplica } from '../../directory/censusReplica.ts'
import type { DurationMs } from '../../model/clock.ts'
import type { CopyId } from '../../model/ids.ts'
import { admits } from '../../model/load.ts'

/** Pause between two looks, in ms. */
const LOOK_MS: DurationMs = 500

/** Watches the copies of a world for what no recording has: how long they take to open, and how many are on servers that are short of CPU. */
export class CopyWatch implements Disposable {
  readonly #replica: CensusReplica
  readonly #timer: NodeJS.Timeout
  readonly #openedAfterMs = new Map<CopyId, DurationMs>()
  #looks = 0
  #shortOfCpu = 0

  constructor(replica: CensusReplica) {
    this.#replica = replica
    this.#timer = setInterval(() => this.#look(), LOOK_MS)
  }

  /** Counts from here on. The times that copies took to open stay. */
  reset(): void {
    this.#looks = 0
    this.#shortOfCpu = 0
  }

  /** Mean time from the plan of a copy until it was open, in seconds. */
  get bootSeconds(): number {
    const all = [...this.#openedAfterMs.values()]
    return all.reduce((sum, ms) => sum + ms, 0) / Math.max(1, all.length) / 1_000
  }

  /** Share of the copies that took no newcomers, because their server was short of CPU. */
  get shortOfCpuShare(): number {
    return this.#shortOfCpu / Math.max(1, this.#looks)
  }

  #look(): void {
    const { maps, servers } = this.#replica.census()
    for (const { copies } of maps.values()) {
      for (const { copy } of copies.values()) {
        if (copy.state !== 'open') continue
        if (!this.#openedAfterMs.has(copy.id)) this.#openedAfterMs.set(copy.id, copy.since - copy.created)
        this.#looks++
        if (!admits(servers.get(copy.server) ?? {})) this.#shortOfCpu++
      }
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }
}
