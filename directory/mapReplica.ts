import type { CopyCensus, MapCensus } from '../model/census.ts'
import type { Instant } from '../model/clock.ts'
import type { Copy } from '../model/copy.ts'
import type { CharacterId, CopyId, Language, MapName } from '../model/ids.ts'
import { LINE_REBUILD_MS } from '../model/line.ts'
import { spokenBy } from '../model/people/languages.ts'
import type { Seat, SeatHolder } from '../model/seat.ts'
import type { DirectoryEvent, MapSnapshot } from './directory.ts'

/** A copy with counts that are updated with each change of a seat. */
interface LiveCopy extends CopyCensus {
  copy: Copy
  /** The value in `seated` of every character whose only seat is here; shared, so that no array per character is allocated. */
  readonly onlyThisCopy: readonly CopyId[]
  seats: Map<CharacterId, Seat>
  parties: Map<string, number>
  guilds: Map<string, number>
  guildPairs: number
  languages: Map<string, number>
  attributes: Map<string, Map<string | number, number>>
}

export type Whereabouts = Map<CharacterId, { map: MapName; copy: CopyId }>
export type MapEvent = Extract<DirectoryEvent, { map: MapName }>

/** The census of one map: a snapshot plus the events since. `apply` returns `false` if an event is missing; the caller must then read a new snapshot. */
export class MapReplica implements MapCensus {
  readonly map: MapName
  readonly copies = new Map<CopyId, LiveCopy>()
  readonly languages = new Map<Language, number>()
  readonly seated = new Map<CharacterId, readonly CopyId[]>()
  #seq: number
  #waiting: number
  /** Length of a line that the directory lost, and until when its places are expected back. */
  #lostLine: { waiting: number; until: Instant } | undefined
  /** When this process read the map for the first time. */
  #trackedSince: Instant | undefined
  /** The location of every character on any map, shared by all replicas after `publishTo`. */
  #whereabouts: Whereabouts = new Map()
  #earliestDeadline = Number.POSITIVE_INFINITY

  constructor(snapshot: MapSnapshot) {
    this.map = snapshot.map
    this.#seq = snapshot.seq
    this.#waiting = snapshot.waiting
    for (const copy of snapshot.copies) this.#put(copy)
    for (const { copy, seat } of snapshot.seats) this.#seat(copy, seat)
  }

  /** Number of the last event that was applied. */
  get seq(): number {
    return this.#seq
  }

  /** Places in line, including those that a directory lost with its data: a new entry comes after them (rule Q1). */
  get waiting(): number {
    return Math.max(this.#waiting, this.#lostLine?.waiting ?? 0)
  }

  get lineRebuiltAt(): Instant | undefined {
    return this.#lostLine?.until
  }

  /** For the first replica of the map in this process. Restored copies show whether the directory lost its data, and the line, just before. */
  startTracking(now: Instant): void {
    this.#trackedSince = now
    for (const { copy } of this.copies.values()) this.#assumeLostLine(copy)
  }

  /** The length of the lost line is unknown; 1 is enough to keep new entries behind it. */
  #assumeLostLine({ restored }: Copy): void {
    if (restored === undefined || this.#trackedSince === undefined || Math.abs(restored - this.#trackedSince) >= LINE_REBUILD_MS) return
    this.#lostLine ??= { waiting: 1, until: restored + LINE_REBUILD_MS }
  }

  /** Takes over from the replica that this one replaces. If its whole line is missing in the snapshot, the directory lost it, or the events were missed. */
  continueFrom(before: MapReplica, now: Instant): void {
    this.#lostLine = before.#lostLine
    this.#trackedSince = before.#trackedSince
    if (this.#waiting === 0 && before.#waiting > 0) this.#lostLine = { waiting: before.#waiting, until: now + LINE_REBUILD_MS }
  }

  /** Stops counting a lost line whose time is over. */
  expireLostLine(now: Instant): void {
    if (this.#lostLine !== undefined && this.#lostLine.until <= now) this.#lostLine = undefined
  }

  /** Whether the deadline of a held seat has passed, so that the directory must sweep. */
  hasLapsedSeats(now: Instant): boolean {
    return this.#earliestDeadline <= now
  }

  /** Ignores events that the snapshot includes. `false`: an event is missing. */
  apply(event: MapEvent): boolean {
    if (event.seq <= this.#seq) return true
    if (event.seq !== this.#seq + 1) return false
    this.#seq = event.seq
    switch (event.type) {
      case 'copy':
        this.#put(event.copy)
        this.#assumeLostLine(event.copy)
        break
      case 'copyRemoved':
        this.#drop(event.copy)
        break
      case 'seats':
        for (const seat of event.set) this.#seat(event.copy, seat)
        for (const character of event.freed) this.#free(event.copy, character)
        break
      case 'line':
        this.#waiting = event.waiting
        break
    }
    return true
  }

  /** Adds the characters of this map to the shared whereabouts, and updates them there from now on. */
  publishTo(whereabouts: Whereabouts): void {
    this.#whereabouts = whereabouts
    for (const { copy, seats } of this.copies.values()) for (const seat of seats.values()) this.#locate(copy.id, seat)
  }

  /** Removes them again, before a newer replica of the map calls `publishTo`. */
  withdrawFrom(whereabouts: Whereabouts): void {
    this.#whereabouts = new Map()
    for (const { copy, seats } of this.copies.values()) {
      for (const character of seats.keys()) if (whereabouts.get(character)?.copy === copy.id) whereabouts.delete(character)
    }
  }

  /** Finds the next deadline after a sweep. */
  recomputeEarliestDeadline(): void {
    this.#earliestDeadline = Number.POSITIVE_INFINITY
    for (const { seats } of this.copies.values()) {
      for (const seat of seats.values()) if (seat.state === 'held') this.#earliestDeadline = Math.min(this.#earliestDeadline, seat.deadline)
    }
  }

  #put(copy: Copy): void {
    const live = this.copies.get(copy.id)
    if (live === undefined) this.copies.set(copy.id, emptyCopy(copy))
    else live.copy = copy
  }

  #drop(copy: CopyId): void {
    for (const character of [...(this.copies.get(copy)?.seats.keys() ?? [])]) this.#free(copy, character)
    this.copies.delete(copy)
  }

  #seat(copy: CopyId, seat: Seat): void {
    const live = this.copies.get(copy)
    if (live === undefined) return
    const before = live.seats.get(seat.character)
    if (before !== undefined) this.#count(live, before, -1)
    else this.#addSeated(live, seat.character)
    live.seats.set(seat.character, seat)
    this.#count(live, seat, 1)
    if (seat.state === 'held') this.#earliestDeadline = Math.min(this.#earliestDeadline, seat.deadline)
    this.#locate(copy, seat)
  }

  /** During a move a character has two seats. The taken seat is the location. */
  #locate(copy: CopyId, seat: Seat): void {
    const present = this.#whereabouts.get(seat.character)
    if (present === undefined || seat.state === 'taken' || present.copy === copy) this.#whereabouts.set(seat.character, { map: this.map, copy })
  }

  #free(copy: CopyId, character: CharacterId): void {
    const live = this.copies.get(copy)
    const seat = live?.seats.get(character)
    if (live === undefined || seat === undefined) return
    live.seats.delete(character)
    this.#removeSeated(copy, character)
    this.#count(live, seat, -1)
    if (this.#whereabouts.get(character)?.copy === copy) this.#whereabouts.delete(character)
  }

  #addSeated({ copy, onlyThisCopy }: LiveCopy, character: CharacterId): void {
    const others = this.seated.get(character)
    this.seated.set(character, others === undefined ? onlyThisCopy : [...others, copy.id])
  }

  #removeSeated(copy: CopyId, character: CharacterId): void {
    const others = (this.seated.get(character) ?? []).filter((other) => other !== copy)
    if (others.length === 0) this.seated.delete(character)
    else this.seated.set(character, others)
  }

  #count(live: LiveCopy, holder: SeatHolder, by: 1 | -1): void {
    count(live, holder, by)
    if (holder.languages === undefined) add(this.languages, holder.language, by)
    else for (const language of spokenBy(holder)) add(this.languages, language, by)
  }
}

function emptyCopy(copy: Copy): LiveCopy {
  return { copy, onlyThisCopy: [copy.id], seats: new Map(), parties: new Map(), guilds: new Map(), guildPairs: 0, languages: new Map(), attributes: new Map() }
}

function count(live: LiveCopy, holder: SeatHolder, by: 1 | -1): void {
  const { party, guild, attributes } = holder
  if (party !== undefined) add(live.parties, party, by)
  if (guild !== undefined) {
    const before = live.guilds.get(guild) ?? 0
    // A new member adds one pair with each member who is there; a leaving member removes one pair with each who stays.
    live.guildPairs += by === 1 ? before : 1 - before
    add(live.guilds, guild, by)
  }
  if (holder.languages === undefined) add(live.languages, holder.language, by)
  else for (const language of spokenBy(holder)) add(live.languages, language, by)
  if (attributes === undefined) return
  for (const [name, value] of Object.entries(attributes)) {
    const counts = live.attributes.get(name) ?? new Map<string | number, number>()
    add(counts, value, by)
    if (counts.size === 0) live.attributes.delete(name)
    else live.attributes.set(name, counts)
  }
}

function add<Key>(counts: Map<Key, number>, key: Key, by: number): void {
  const next = (counts.get(key) ?? 0) + by
  if (next === 0) counts.delete(key)
  else counts.set(key, next)
}
