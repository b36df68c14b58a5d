import type { CensusReplica } from '../directory/censusReplica.ts'
import type { DirectoryEvent } from '../directory/directory.ts'
import type { Clock } from '../model/clock.ts'
import type { CopyId, MapName } from '../model/ids.ts'
import { ownerId } from '../model/policy/instanceKey.ts'
import type { Policies } from '../model/policy/policy.ts'
import { PartySplits } from '../orchestrator/admin/partySplits.ts'
import type { PopulationSample } from './picture.ts'

/** A party whose members are in two copies for longer than this counts as split, in ms. Shorter than that, members are still entering. */
const SPLIT_SETTLE_MS = 5_000
/** The same after a party was made or enlarged while its members played, in ms: they are moved together, and a busy one is waited for. */
const SPLIT_FORM_MS = 60_000
/** Time between two samples, in ms. */
const SAMPLE_EVERY_MS = 1_000

/**
 * Counts copies, moves and broken rules from the directory's events. It runs in the supervisor, so the counts survive restarts of the
 * orchestrator and the matchmaker.
 */
export class RunStats implements Disposable {
  /** Copies of maps for everybody. */
  copiesOpened = 0
  /** Copies that were opened for one party. */
  instancesOpened = 0
  copiesMerged = 0
  movesStarted = 0
  movesDone = 0
  movesFailed = 0
  /** Moves whose players logged out before they started. */
  movesCancelled = 0
  seatsOverHardCap = 0
  readonly openedByMap: Record<MapName, number> = {}
  readonly failures: Record<string, number> = {}
  readonly samples: PopulationSample[] = []
  readonly #replica: CensusReplica
  readonly #policies: () => Policies
  readonly #clock: Clock
  readonly #opened = new Set<CopyId>()
  readonly #merging = new Set<CopyId>()
  readonly #parties = new PartySplits({ graceMs: SPLIT_SETTLE_MS, settleMs: SPLIT_FORM_MS })
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
          if (ownerId(event.copy) === undefined) this.copiesOpened++
          else this.instancesOpened++
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
    const sample: PopulationSample = { at, copies: [], movesDone: this.movesDone }
    for (const { map, copies } of maps.values()) {
      for (const { copy, seats } of copies.values()) sample.copies.push({ map, copy: copy.id, state: copy.state, players: seats.size })
    }
    this.samples.push(sample)
    this.#parties.sample(census, this.#clock.now(), this.#policies())
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
    this.#off()
  }
}
