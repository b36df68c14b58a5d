import type { Census } from '../model/census.ts'
import type { Clock } from '../model/clock.ts'
import type { CharacterId, CopyId, MapName } from '../model/ids.ts'
import type { Directory, DirectoryEvent } from './directory.ts'
import { HeardServers } from './heardServers.ts'
import { type MapEvent, MapReplica } from './mapReplica.ts'

/** Held seats are looked after, and the numbers of events compared, this often. */
const TICK_MS = 1_000
/** Every so many ticks the lists of maps and servers are read anew: their events carry no numbers that would show a hole. */
const LISTS_TICKS = 10

/**
 * A live census in this process's memory, some milliseconds behind the directory: snapshots of all maps, then events.
 * Missed events are noticed by their numbers, and the map is read anew.
 */
export class CensusReplica implements AsyncDisposable {
  readonly #directory: Directory
  readonly #clock: Clock
  readonly #stopping = new AbortController()
  readonly #maps = new Map<MapName, MapReplica>()
  readonly #servers = new HeardServers()
  readonly #whereabouts = new Map<CharacterId, { map: MapName; copy: CopyId }>()
  readonly #listeners = new Set<(event: DirectoryEvent) => void>()
  /** Reads under way, so that a burst of holes costs one snapshot; events that come meanwhile are applied after it. */
  readonly #reading = new Map<MapName, MapEvent[]>()
  /** Where those maps stood at the last look that were behind the directory: events on their way, unless it is the same at the next. */
  #behind = new Map<MapName, number>()
  #ready = false
  #following: Promise<void> = Promise.resolve()
  #ticking: Promise<void> = Promise.resolve()
  #timer: NodeJS.Timeout | undefined
  #ticks = 0

  private constructor(directory: Directory, clock: Clock) {
    this.#directory = directory
    this.#clock = clock
  }

  /** Returns when the first snapshots are in. */
  static async follow(directory: Directory, clock: Clock, { signal }: { signal?: AbortSignal } = {}): Promise<CensusReplica> {
    const replica = new CensusReplica(directory, clock)
    const events = await directory.watch(replica.#stopping.signal)
    signal?.addEventListener('abort', () => replica.#stopping.abort(), { once: true })
    await replica.refresh()
    replica.#following = replica.#follow(events)
    replica.#timer = setInterval(() => {
      replica.#ticking = replica.#tick()
    }, TICK_MS)
    return replica
  }

  /** A live view, not a copy: it changes as events come; read it without awaiting in between. */
  census(): Census {
    return { at: this.#clock.now(), maps: this.#maps, servers: this.#servers.reports, whereabouts: this.#whereabouts }
  }

  /** False while the directory does not answer: what is here may be old. */
  ready(): boolean {
    return this.#ready
  }

  /** Hears each event after it was applied. */
  onChange(listener: (event: DirectoryEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Reads one map, or all maps and servers, anew. */
  async refresh(map?: MapName): Promise<void> {
    try {
      if (map !== undefined) await this.#read(map)
      else {
        const known = [...this.#maps.keys()]
        await this.#readLists()
        await Promise.all(known.map((name) => this.#read(name)))
      }
      this.#ready = true
    } catch (error) {
      this.#ready = false
      throw error
    }
  }

  /** Servers, and the maps that were not known before. */
  async #readLists(): Promise<void> {
    const [maps, servers] = await Promise.all([this.#directory.maps(), this.#directory.servers()])
    this.#servers.replace(servers, this.#clock.now())
    await Promise.all(maps.filter((name) => !this.#maps.has(name)).map((name) => this.#read(name)))
  }

  async #read(map: MapName): Promise<void> {
    if (this.#reading.has(map)) return
    for (let whole = false; !whole; ) {
      const meanwhile: MapEvent[] = []
      this.#reading.set(map, meanwhile)
      try {
        const replica = new MapReplica(await this.#directory.snapshot(map))
        whole = meanwhile.every((event) => replica.apply(event))
        const before = this.#maps.get(map)
        if (before === undefined) replica.begins(this.#clock.now())
        else {
          replica.succeeds(before, this.#clock.now())
          before.leave(this.#whereabouts)
        }
        replica.enter(this.#whereabouts)
        this.#maps.set(map, replica)
      } finally {
        this.#reading.delete(map)
      }
    }
  }

  async #follow(events: AsyncIterable<DirectoryEvent>): Promise<void> {
    for await (const event of events) this.#hear(event)
  }

  #hear(event: DirectoryEvent): void {
    this.#apply(event)
    for (const listener of this.#listeners) listener(event)
  }

  #apply(event: DirectoryEvent): void {
    if (event.type === 'gap')
      this.refresh().catch(() => undefined) // the tick tries again
    else if (event.type === 'server') {
      if (event.report === undefined) this.#servers.forget(event.server)
      else this.#servers.hear(event.report, this.#clock.now())
    } else if ('seq' in event) this.#applyToMap(event)
  }

  #applyToMap(event: MapEvent): void {
    const reading = this.#reading.get(event.map)
    if (reading !== undefined) {
      reading.push(event)
      return
    }
    const applied = this.#maps.get(event.map)?.apply(event) ?? false
    if (!applied) this.refresh(event.map).catch(() => undefined) // the tick tries again
  }

  async #tick(): Promise<void> {
    try {
      if (!this.#ready) await this.refresh()
      else await this.#compare()
      if (++this.#ticks % LISTS_TICKS === 0) await this.#readLists()
      const now = this.#clock.now()
      for (const [name, map] of this.#maps) {
        map.settle(now)
        if (!map.hasLapsed(now)) continue
        await this.#directory.sweepSeats(name, now)
        map.recount()
      }
    } catch {
      this.#ready = false // said by `ready()`; the next tick tries again
    }
  }

  /**
   * Events tell of a loss only when the next one comes, and a quiet map has none: so its numbers are looked at. Where the
   * directory stands below what was seen it was emptied (rule D1); where it stays ahead an event was lost.
   */
  async #compare(): Promise<void> {
    const seen = new Map([...this.#maps].map(([name, { seq }]) => [name, seq]))
    const seqs = await this.#directory.seqs([...seen.keys()])
    const emptied = [...seqs].some(([name, seq]) => seq < (seen.get(name) ?? 0))
    // In a storm a replica may be seconds behind, and goes on: lost is only what does not come while nothing comes.
    const missed = [...this.#behind].some(([name, seq]) => seen.get(name) === seq)
    const behind = [...seen].filter(([name, seq]) => seq < (seqs.get(name) ?? 0))
    this.#behind = new Map(emptied || missed ? [] : behind)
    if (emptied || missed) this.#hear({ type: 'gap' })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer)
    this.#stopping.abort()
    await Promise.all([this.#following, this.#ticking])
  }
}
