import type { Census } from '../model/census.ts'
import type { Clock } from '../model/clock.ts'
import type { CharacterId, CopyId, MapName } from '../model/ids.ts'
import type { Random } from '../model/random.ts'
import type { Directory, DirectoryEvent } from './directory.ts'
import { type MapEvent, MapReplica } from './mapReplica.ts'
import { readMaps } from './readMaps.ts'
import { ServerReports } from './serverReports.ts'

/** Interval between two checks for lapsed seats and missed events, in ms. */
const TICK_MS = 1_000
/** Longest random delay in ms before the maps are read again after a gap, so that not all processes read in the same moment. */
const GAP_SPREAD_MS = 500
/** The lists of maps and servers are read again every this many ticks, because their events carry no numbers that would show a missed one. */
const LISTS_TICKS = 10

/**
 * A census in the memory of this process, some milliseconds behind the directory: snapshots of all maps, then events.
 * A gap in the event numbers of a map shows a missed event; the map is then read again.
 */
export class CensusReplica implements AsyncDisposable {
  readonly #directory: Directory
  readonly #clock: Clock
  readonly #stopping = new AbortController()
  readonly #maps = new Map<MapName, MapReplica>()
  readonly #servers = new ServerReports()
  readonly #whereabouts = new Map<CharacterId, { map: MapName; copy: CopyId }>()
  readonly #listeners = new Set<(event: DirectoryEvent) => void>()
  /** Events that arrived during a read of their map; they are applied after it. One read per map at a time, so a burst of gaps costs one snapshot. */
  readonly #reading = new Map<MapName, MapEvent[]>()
  /** Event number of each map that was behind the directory at the last check. If it is the same at the next check, an event was lost. */
  #behind = new Map<MapName, number>()
  /** Maps that have to be read again. One that was read stays read when the read of another one fails. */
  readonly #stale = new Set<MapName>()
  readonly #random: Random
  #spread: NodeJS.Timeout | undefined
  #ready = false
  #eventLoop: Promise<void> = Promise.resolve()
  #tickDone: Promise<void> = Promise.resolve()
  #timer: NodeJS.Timeout | undefined
  #ticks = 0

  private constructor(directory: Directory, clock: Clock, random: Random) {
    this.#directory = directory
    this.#clock = clock
    this.#random = random
  }

  /** Resolves when the first snapshots have been read. */
  static async follow(directory: Directory, clock: Clock, random: Random = Math.random): Promise<CensusReplica> {
    const replica = new CensusReplica(directory, clock, random)
    const events = await directory.watch(replica.#stopping.signal)
    await replica.refresh()
    replica.#eventLoop = replica.#readEvents(events)
    replica.#timer = setInterval(() => {
      replica.#tickDone = replica.#tick()
    }, TICK_MS)
    return replica
  }

  /** A live view, not a copy: events change it. Read it without an `await` in between. */
  census(): Census {
    return { at: this.#clock.now(), maps: this.#maps, servers: this.#servers.reports, whereabouts: this.#whereabouts }
  }

  /** False while the directory does not answer; the census may then be stale. */
  ready(): boolean {
    return this.#ready
  }

  /** Calls `listener` with each event after it was applied. Returns the function that unsubscribes. */
  onChange(listener: (event: DirectoryEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Reads one map again, or all maps and servers. */
  async refresh(map?: MapName): Promise<void> {
    try {
      if (map !== undefined) await this.#read(map)
      else {
        this.#allStale()
        await this.#readLists()
      }
      this.#ready = true
    } catch (error) {
      this.#ready = false
      throw error
    }
  }

  #allStale(): void {
    for (const name of this.#maps.keys()) this.#stale.add(name)
  }

  /** Reads the servers, and the maps that are not known yet or have to be read again. */
  async #readLists(): Promise<void> {
    const [maps, servers] = await Promise.all([this.#directory.maps(), this.#directory.servers()])
    this.#servers.replaceAll(servers, this.#clock.now())
    for (const name of maps) if (!this.#maps.has(name)) this.#stale.add(name)
    await readMaps(this.#stale, (name) => this.#read(name))
  }

  async #read(map: MapName): Promise<void> {
    if (this.#reading.has(map)) return
    for (let complete = false; !complete; ) {
      const meanwhile: MapEvent[] = []
      this.#reading.set(map, meanwhile)
      // First: a gap during the read makes the map stale again.
      this.#stale.delete(map)
      try {
        const replica = new MapReplica(await this.#directory.snapshot(map))
        complete = meanwhile.every((event) => replica.apply(event))
        const before = this.#maps.get(map)
        if (before === undefined) replica.startTracking(this.#clock.now())
        else {
          replica.continueFrom(before, this.#clock.now())
          before.withdrawFrom(this.#whereabouts)
        }
        replica.publishTo(this.#whereabouts)
        this.#maps.set(map, replica)
      } catch (error) {
        this.#stale.add(map)
        throw error
      } finally {
        this.#reading.delete(map)
      }
    }
  }

  async #readEvents(events: AsyncIterable<DirectoryEvent>): Promise<void> {
    for await (const event of events) this.#dispatch(event)
  }

  #dispatch(event: DirectoryEvent): void {
    this.#apply(event)
    for (const listener of this.#listeners) listener(event)
  }

  #apply(event: DirectoryEvent): void {
    if (event.type === 'gap') this.#readAfterGap()
    else if (event.type === 'server') {
      if (event.report === undefined) this.#servers.remove(event.server)
      else this.#servers.record(event.report, this.#clock.now())
    } else if ('seq' in event) this.#applyToMap(event)
  }

  #readAfterGap(): void {
    this.#allStale()
    clearTimeout(this.#spread)
    this.#spread = setTimeout(() => {
      this.#spread = undefined
      this.refresh().catch(() => undefined) // the next tick tries again
    }, this.#random() * GAP_SPREAD_MS)
  }

  #applyToMap(event: MapEvent): void {
    const reading = this.#reading.get(event.map)
    if (reading !== undefined) {
      reading.push(event)
      return
    }
    const applied = this.#maps.get(event.map)?.apply(event) ?? false
    if (!applied) this.refresh(event.map).catch(() => undefined) // the next tick tries again
  }

  async #tick(): Promise<void> {
    try {
      if (this.#ready) await this.#compare()
      const unread = this.#stale.size > 0 && this.#spread === undefined
      if (++this.#ticks % LISTS_TICKS === 0 || unread || !this.#ready) await this.#readLists()
      this.#ready = true
      const now = this.#clock.now()
      for (const [name, map] of this.#maps) {
        map.expireLostLine(now)
        if (!map.hasLapsedSeats(now)) continue
        await this.#directory.sweepSeats(name, now)
        map.recomputeEarliestDeadline()
      }
    } catch {
      this.#ready = false // reported by `ready()`; the next tick tries again
    }
  }

  /**
   * Compares the event numbers with the directory, because a map without new events would not show a missed one. A lower number in the
   * directory shows that it lost its data (rule D1); a number that stays ahead shows a missed event.
   */
  async #compare(): Promise<void> {
    const seen = new Map([...this.#maps].map(([name, { seq }]) => [name, seq]))
    const seqs = await this.#directory.seqs([...seen.keys()]).catch((error: unknown) => {
      // During an outage the directory may lose its data and have as many events again.
      this.#allStale()
      throw error
    })
    const emptied = [...seqs].some(([name, seq]) => seq < (seen.get(name) ?? 0))
    // Under load a replica may be seconds behind and still advance; an event is missing only if the number did not advance since the last check.
    const missed = [...this.#behind].some(([name, seq]) => seen.get(name) === seq)
    const behind = [...seen].filter(([name, seq]) => seq < (seqs.get(name) ?? 0))
    this.#behind = new Map(emptied || missed ? [] : behind)
    if (emptied || missed) this.#dispatch({ type: 'gap' })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer)
    clearTimeout(this.#spread)
    this.#stopping.abort()
    await Promise.all([this.#eventLoop, this.#tickDone])
  }
}
