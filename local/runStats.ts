import type { CensusReplica } from '../directory/censusReplica.ts'
import type { DirectoryEvent } from '../directory/directory.ts'
import type { Clock } from '../model/clock.ts'
import type { CopyId, MapName } from '../model/ids.ts'
import type { Policies } from '../model/policy/policy.ts'
import { PartySplits } from '../orchestrator/admin/partySplits.ts'
import type { CrowdSample } from './picture.ts'

/** A party may be in two copies for as long as its members' entering takes; longer than this it is split. */
const SPLIT_SETTLE_MS = 5_000
const SAMPLE_EVERY_MS = 1_000

/**
 * Counts what happens by watching the directory, from outside of every process that makes it happen: a restart of the
 * orchestrator loses nothing here.
 */
export class RunStats implements Disposable {
  copiesOpened = 0
  copiesMerged = 0
  movesStarted = 0
  movesDone = 0
  movesFailed = 0
  /** Somebody logged out before it was their turn. */
  movesCancelled = 0
  seatsOverHardCap = 0
  readonly openedByMap: Record<MapName, number> = {}
  readonly failures: Record<string, number> = {}
  readonly samples: CrowdSample[] = []
  readonly #replica: CensusReplica
  readonly #policies: () => Policies
  readonly #clock: Clock
  readonly #opened = new Set<CopyId>()
  readonly #merging = new Set<CopyId>()
  /** Bots are in their party before they come in. */
  readonly #parties = new PartySplits({ graceMs: SPLIT_SETTLE_MS, fromFirstSight: true })
  readonly #timer: NodeJS.Timeout
  readonly #off: () => void

  constructor(replica: CensusReplica, policies: () => Policies, clock: Clock) {
    this.#replica = replica
    this.#policies = policies
    this.#clock = clock
    this.#off = replica.onChange((event) => this.#count(event))
    this.#timer = setInterval(() => this.#sample(), SAMPLE_EVERY_MS)
  }

  get partySplits(): number {
    return this.#parties.total
  }

  #count(event: DirectoryEvent): void {
    switch (event.type) {
      case 'copy':
        if (event.copy.state === 'open' && !this.#opened.has(event.copy.id)) {
          this.#opened.add(event.copy.id)
          this.copiesOpened++
          this.openedByMap[event.map] = (this.openedByMap[event.map] ?? 0) + 1
        }
        if (event.copy.state === 'closing' && event.copy.reason === 'merge') this.#merging.add(event.copy.id)
        else this.#merging.delete(event.copy.id)
        break
      case 'copyRemoved':
        if (this.#merging.delete(event.copy)) this.copiesMerged++
        break
      case 'seats':
        this.#checkCap(event.map, event.copy)
        break
      case 'moveOrdered':
        this.movesStarted++
        break
      case 'moveSettled':
        if (event.outcome.state === 'done') this.movesDone++
        else if (event.outcome.state === 'cancelled') this.movesCancelled++
        else {
          this.movesFailed++
          const why = `${event.outcome.cause}: ${event.outcome.reason ?? event.outcome.state}`
          this.failures[why] = (this.failures[why] ?? 0) + 1
        }
        break
    }
  }

  #checkCap(map: MapName, copy: CopyId): void {
    const hard = this.#policies().get(map)?.capacity.hard
    const seats = this.#replica.census().maps.get(map)?.copies.get(copy)?.seats.size ?? 0
    if (hard !== undefined && seats > hard) this.seatsOverHardCap++
  }

  #sample(): void {
    const census = this.#replica.census()
    const { maps, at } = census
    const sample: CrowdSample = { at, copies: [], movesDone: this.movesDone }
    for (const { map, copies } of maps.values()) {
      for (const { copy, seats } of copies.values()) sample.copies.push({ map, copy: copy.id, state: copy.state, players: seats.size })
    }
    this.samples.push(sample)
    this.#parties.sample(census, this.#clock.now())
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
    this.#off()
  }
}
