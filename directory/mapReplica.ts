import type { CopyCensus, MapCensus } from '../model/census.ts'
import type { Instant } from '../model/clock.ts'
import type { Copy } from '../model/copy.ts'
import type { CharacterId, CopyId, Language, MapName } from '../model/ids.ts'
import { LINE_REBUILD_MS } from '../model/line.ts'
import type { Seat, SeatHolder } from '../model/seat.ts'
import type { DirectoryEvent, MapSnapshot } from './directory.ts'

/** A copy with counts that are kept up with its seats. */
interface LiveCopy extends CopyCensus {
  copy: Copy
  /** What `seated` says of those who sit here and nowhere else: one value for all of them. */
  readonly alone: readonly CopyId[]
  seats: Map<CharacterId, Seat>
  parties: Map<string, number>
  guilds: Map<string, number>
  guildPairs: number
  languages: Map<string, number>
  attributes: Map<string, Map<string | number, number>>
}

export type Whereabouts = Map<CharacterId, { map: MapName; copy: CopyId }>
export type MapEvent = Extract<DirectoryEvent, { map: MapName }>

/** What one map's events add up to. `apply` says `false` when an event is missing: then a snapshot has to be read. */
export class MapReplica implements MapCensus {
  readonly map: MapName
  readonly copies = new Map<CopyId, LiveCopy>()
  readonly languages = new Map<Language, number>()
  readonly seated = new Map<CharacterId, readonly CopyId[]>()
  #seq: number
  #waiting: number
  /** Places of a line that is gone all at once, and until when those who had them are waited for. */
  #lost: { waiting: number; until: Instant } | undefined
  /** When this process first looked at the map. */
  #began: Instant | undefined
  /** Where everybody is, over all maps; filled only once this replica has entered it. */
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

  /** Places in line, those included that a directory which was emptied has lost: whoever comes now stands behind them (rule Q1). */
  get waiting(): number {
    return Math.max(this.#waiting, this.#lost?.waiting ?? 0)
  }

  get lineRebuiltAt(): Instant | undefined {
    return this.#lost?.until
  }

  /** The first one that this process makes of the map: of a line that was lost a moment before it began it knows by the copies that were put back. */
  begins(now: Instant): void {
    this.#began = now
    for (const { copy } of this.copies.values()) this.#mayHaveLostLine(copy)
  }

  /** Nobody knows how long it was: somebody is first in it. */
  #mayHaveLostLine({ restored }: Copy): void {
    if (restored === undefined || this.#began === undefined || Math.abs(restored - this.#began) >= LINE_REBUILD_MS) return
    this.#lost ??= { waiting: 1, until: restored + LINE_REBUILD_MS }
  }

  /** Made from a snapshot in the place of `before`. A whole line that is not in it was lost with the directory, or has gone in events that were missed. */
  succeeds(before: MapReplica, now: Instant): void {
    this.#lost = before.#lost
    this.#began = before.#began
    if (this.#waiting === 0 && before.#waiting > 0) this.#lost = { waiting: before.#waiting, until: now + LINE_REBUILD_MS }
  }

  /** Whoever has not come back by now is not waited for. */
  settle(now: Instant): void {
    if (this.#lost !== undefined && this.#lost.until <= now) this.#lost = undefined
  }

  /** Some held seat should have lapsed by now: the directory has to be asked to sweep. */
  hasLapsed(now: Instant): boolean {
    return this.#earliestDeadline <= now
  }

  /** Events at or below the snapshot's number are known already. */
  apply(event: MapEvent): boolean {
    if (event.seq <= this.#seq) return true
    if (event.seq !== this.#seq + 1) return false
    this.#seq = event.seq
    switch (event.type) {
      case 'copy':
        this.#put(event.copy)
        this.#mayHaveLostLine(event.copy)
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

  /** Puts everybody of this map into the shared whereabouts, and keeps them there. */
  enter(whereabouts: Whereabouts): void {
    this.#whereabouts = whereabouts
    for (const { copy, seats } of this.copies.values()) for (const seat of seats.values()) this.#locate(copy.id, seat)
  }

  /** Takes them out again, when a newer replica is about to enter. */
  leave(whereabouts: Whereabouts): void {
    this.#whereabouts = new Map()
    for (const { copy, seats } of this.copies.values()) {
      for (const character of seats.keys()) if (whereabouts.get(character)?.copy === copy.id) whereabouts.delete(character)
    }
  }

  /** Looks for the next deadline after a sweep. */
  recount(): void {
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
    else this.#sits(live, seat.character)
    live.seats.set(seat.character, seat)
    this.#count(live, seat, 1)
    if (seat.state === 'held') this.#earliestDeadline = Math.min(this.#earliestDeadline, seat.deadline)
    this.#locate(copy, seat)
  }

  /** During a move a character has two seats: they are where the taken one is. */
  #locate(copy: CopyId, seat: Seat): void {
    const present = this.#whereabouts.get(seat.character)
    if (present === undefined || seat.state === 'taken' || present.copy === copy) this.#whereabouts.set(seat.character, { map: this.map, copy })
  }

  #free(copy: CopyId, character: CharacterId): void {
    const live = this.copies.get(copy)
    const seat = live?.seats.get(character)
    if (live === undefined || seat === undefined) return
    live.seats.delete(character)
    this.#sitsNoMore(copy, character)
    this.#count(live, seat, -1)
    if (this.#whereabouts.get(character)?.copy === copy) this.#whereabouts.delete(character)
  }

  #sits({ copy, alone }: LiveCopy, character: CharacterId): void {
    const others = this.seated.get(character)
    this.seated.set(character, others === undefined ? alone : [...others, copy.id])
  }

  #sitsNoMore(copy: CopyId, character: CharacterId): void {
    const others = (this.seated.get(character) ?? []).filter((other) => other !== copy)
    if (others.length === 0) this.seated.delete(character)
    else this.seated.set(character, others)
  }

  #count(live: LiveCopy, holder: SeatHolder, by: 1 | -1): void {
    count(live, holder, by)
    add(this.languages, holder.language, by)
  }
}

function emptyCopy(copy: Copy): LiveCopy {
  return { copy, alone: [copy.id], seats: new Map(), parties: new Map(), guilds: new Map(), guildPairs: 0, languages: new Map(), attributes: new Map() }
}

function count(live: LiveCopy, { party, guild, language, attributes }: SeatHolder, by: 1 | -1): void {
  if (party !== undefined) add(live.parties, party, by)
  if (guild !== undefined) {
    const before = live.guilds.get(guild) ?? 0
    // Whoever comes pairs with all who were there, whoever goes parts with all who stay.
    live.guildPairs += by === 1 ? before : 1 - before
    add(live.guilds, guild, by)
  }
  add(live.languages, language, by)
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
