import type { Instant } from '../../model/clock.ts'
import type { Copy, CopyState } from '../../model/copy.ts'
import type { CharacterId, CopyId, MapName, PartyId } from '../../model/ids.ts'
import type { LineEntry } from '../../model/line.ts'
import type { Seat, SeatHolder, SeatOption, SeatRequest } from '../../model/seat.ts'
import type { DirectoryEvent, MapSnapshot } from '../directory.ts'
import { LineLedger } from './lineLedger.ts'

interface CopyLedger {
  copy: Copy
  seats: Map<CharacterId, Seat>
}

type MapEvent = Extract<DirectoryEvent, { map: MapName }>
/** Each member of the union without the fields that `#emitNumbered` adds. */
type Unnumbered<E> = E extends MapEvent ? Omit<E, 'map' | 'seq'> : never

/** Copies, seats and line of one map. All calls are synchronous, and therefore atomic. */
export class MapLedger {
  readonly map: MapName
  readonly #emit: (event: MapEvent) => void
  readonly #copies = new Map<CopyId, CopyLedger>()
  /** Party anchors: the copy where a party got its seats, and until when its other members may sit nowhere else. */
  readonly #anchors = new Map<PartyId, { copy: CopyId; until: Instant }>()
  /** Group anchors: the copy that members of a group try first. They may sit elsewhere when it is full. */
  readonly #groups = new Map<string, { copy: CopyId; until: Instant }>()
  /** The instant up to which promotions have used up the rate of `perSecond`. */
  #rateUsedUntil: Instant = 0
  readonly #promoted = new Map<string, { copy: CopyId; deadline: Instant; character: CharacterId | undefined }>()
  readonly line = new LineLedger()
  #earliestDeadline = Number.POSITIVE_INFINITY
  #seq = 0

  constructor(map: MapName, emit: (event: MapEvent) => void) {
    this.map = map
    this.#emit = emit
  }

  /** Number of the last event. */
  get seq(): number {
    return this.#seq
  }

  addCopy(copy: Copy): boolean {
    if (this.#copies.has(copy.id)) return false
    this.#copies.set(copy.id, { copy, seats: new Map() })
    this.#emitNumbered({ type: 'copy', copy })
    return true
  }

  changeCopy(copy: Copy, from: CopyState): boolean {
    const ledger = this.#copies.get(copy.id)
    if (ledger?.copy.state !== from) return false
    ledger.copy = copy
    this.#emitNumbered({ type: 'copy', copy })
    return true
  }

  removeCopy(copy: CopyId): void {
    if (this.#copies.delete(copy)) this.#emitNumbered({ type: 'copyRemoved', copy })
  }

  restoreCopy(copy: Copy, taken: Seat[]): void {
    this.addCopy(copy)
    const seats = this.#copies.get(copy.id)?.seats
    const set = taken.filter(({ character }) => seats?.get(character)?.state !== 'taken')
    for (const seat of set) seats?.set(seat.character, seat)
    if (set.length > 0) this.#emitNumbered({ type: 'seats', copy: copy.id, set, freed: [] })
  }

  holdSeats({ holders, options, now, deadline, party, group, unseated = [] }: SeatRequest): CopyId | undefined {
    this.sweepSeats(now)
    const anchored = group === undefined ? undefined : this.#anchorCopy(this.#groups.get(group.id), now)
    const preferred = anchored === undefined ? undefined : options.slice(0, group?.among).find(({ copy }) => copy === anchored)
    const ordered = preferred === undefined ? options : [preferred, ...options.filter((option) => option !== preferred)]
    const occupied = unseated.length === 0 ? [] : this.#copiesOf(unseated)
    for (const option of this.#reachable(ordered, party, now)) {
      const ledger = this.#copies.get(option.copy)
      if (ledger === undefined || occupied.some((copy) => copy !== option.copy) || !fits(ledger, holders, option)) continue
      const set = holders.map((holder) => hold(ledger, holder, deadline))
      this.#earliestDeadline = Math.min(this.#earliestDeadline, deadline)
      if (party !== undefined) anchor(this.#anchors, party, option.copy, deadline)
      // The anchor moves to another copy only if its copy is full; the next members then follow to the new one.
      if (group !== undefined && (preferred !== undefined || anchored === undefined)) anchor(this.#groups, group.id, option.copy, now + group.forMs)
      this.#emitNumbered({ type: 'seats', copy: option.copy, set, freed: [] })
      return option.copy
    }
    return undefined
  }

  /** The open or closing copies where any of these characters has a seat. */
  #copiesOf(characters: readonly CharacterId[]): CopyId[] {
    const living = [...this.#copies.values()].filter(({ copy }) => copy.state === 'open' || copy.state === 'closing')
    return living.filter(({ seats }) => characters.some((character) => seats.has(character))).map(({ copy }) => copy.id)
  }

  /** Only the anchor copy while the anchor of the party is in force; a closing anchor copy still takes its members. */
  #reachable(options: SeatOption[], party: PartyId | undefined, now: Instant): SeatOption[] {
    const copy = party === undefined ? undefined : this.#anchorCopy(this.#anchors.get(party), now)
    if (copy === undefined) return options
    return options.filter((option) => option.copy === copy).map((option) => ({ ...option, evenClosing: true }))
  }

  /** The copy of an anchor, if the anchor has not lapsed and its copy is open or closing. */
  #anchorCopy(anchor: { copy: CopyId; until: Instant } | undefined, now: Instant): CopyId | undefined {
    if (anchor === undefined || anchor.until <= now) return undefined
    const state = this.#copies.get(anchor.copy)?.copy.state
    return state === 'open' || state === 'closing' ? anchor.copy : undefined
  }

  takeSeat(copy: CopyId, character: CharacterId, now: Instant): boolean {
    const seats = this.#copies.get(copy)?.seats
    const seat = seats?.get(character)
    if (seat === undefined) return false
    if (seat.state === 'taken' && seat.promised === undefined) return true
    if (seat.state === 'taken') {
      const { promised: _, ...kept } = seat
      this.#put(copy, kept)
      return true
    }
    if (seat.deadline <= now) {
      // Frees only this seat: `now` comes from the clock of one server, which may be wrong.
      this.#drop(copy, character)
      return false
    }
    const { deadline: _, ...holder } = seat
    this.#put(copy, { ...holder, state: 'taken', since: now })
    return true
  }

  freeSeat(copy: CopyId, character: CharacterId): void {
    const seat = this.#copies.get(copy)?.seats.get(character)
    if (seat?.state !== 'taken') return
    if (seat.promised === undefined) return this.#drop(copy, character)
    const { promised, since: _, ...holder } = seat
    this.#earliestDeadline = Math.min(this.#earliestDeadline, promised)
    this.#put(copy, { ...holder, state: 'held', deadline: promised })
  }

  giveBackSeat(copy: CopyId, character: CharacterId, heldUntil: Instant): void {
    const seat = this.#copies.get(copy)?.seats.get(character)
    if (seat?.state === 'held' && seat.deadline === heldUntil) return this.#drop(copy, character)
    if (seat?.state !== 'taken' || seat.promised !== heldUntil) return
    const { promised: _, ...kept } = seat
    this.#put(copy, kept)
  }

  describeSeats(copy: CopyId, holders: readonly SeatHolder[]): void {
    const seats = this.#copies.get(copy)?.seats
    const set = holders.flatMap((holder) => {
      const seat = seats?.get(holder.character)
      return seat === undefined ? [] : [redescribed(seat, holder)]
    })
    for (const seat of set) seats?.set(seat.character, seat)
    if (set.length > 0) this.#emitNumbered({ type: 'seats', copy, set, freed: [] })
  }

  #drop(copy: CopyId, character: CharacterId): void {
    this.#copies.get(copy)?.seats.delete(character)
    this.#emitNumbered({ type: 'seats', copy, set: [], freed: [character] })
  }

  #put(copy: CopyId, seat: Seat): void {
    this.#copies.get(copy)?.seats.set(seat.character, seat)
    this.#emitNumbered({ type: 'seats', copy, set: [seat], freed: [] })
  }

  sweepSeats(now: Instant): number {
    if (now < this.#earliestDeadline) return 0
    let [count, earliest] = [0, Number.POSITIVE_INFINITY]
    for (const [copy, { seats }] of this.#copies) {
      const freed: CharacterId[] = []
      for (const seat of seats.values()) {
        if (seat.state !== 'held') continue
        if (seat.deadline <= now) freed.push(seat.character)
        else earliest = Math.min(earliest, seat.deadline)
      }
      for (const character of freed) seats.delete(character)
      if (freed.length > 0) this.#emitNumbered({ type: 'seats', copy, set: [], freed })
      count += freed.length
    }
    this.#earliestDeadline = earliest
    for (const anchors of [this.#anchors, this.#groups]) for (const [id, { until }] of anchors) if (until <= now) anchors.delete(id)
    for (const [id, { deadline }] of this.#promoted) if (deadline <= now) this.#promoted.delete(id)
    return count
  }

  joinLine(entry: LineEntry, max: number): LineEntry | undefined {
    if (this.line.renew(entry.id, entry.keepUntil)) return this.line.get(entry.id)
    if (this.line.length >= max) return undefined
    this.line.add({ ...entry })
    this.#emitLine()
    return entry
  }

  leaveLine(id: string): void {
    if (this.line.remove(id)) this.#emitLine()
  }

  sweepLine(now: Instant): void {
    if (this.line.sweep(now) > 0) this.#emitLine()
  }

  promote(entry: LineEntry, request: SeatRequest, skippable: readonly string[], perSecond = 0): CopyId | undefined {
    this.sweepLine(request.now)
    const position = this.line.position(entry.id)
    if (position === undefined || this.line.head(position).some(({ id }) => !skippable.includes(id))) return undefined
    // The rate may be used one second ahead, so that a burst after a pause is promoted at once.
    const used = Math.max(request.now, this.#rateUsedUntil)
    if (perSecond > 0 && used - request.now >= 1_000) return undefined
    const copy = this.holdSeats(request)
    if (copy === undefined) return undefined
    if (perSecond > 0) this.#rateUsedUntil = used + (1_000 * request.holders.length) / perSecond
    this.line.remove(entry.id)
    this.#promoted.set(entry.id, { copy, deadline: request.deadline, character: request.holders[0]?.character })
    this.#emitNumbered({ type: 'line', waiting: this.line.length, turn: true })
    return copy
  }

  promoted(id: string): { copy: CopyId; deadline: Instant } | undefined {
    const place = this.#promoted.get(id)
    if (place?.character === undefined || this.#copies.get(place.copy)?.seats.has(place.character) !== true) return undefined
    return { copy: place.copy, deadline: place.deadline }
  }

  /** With `which`, only of these copies. */
  snapshot(which: (copy: Copy) => boolean = () => true): MapSnapshot {
    const ledgers = [...this.#copies.values()].filter(({ copy }) => which(copy))
    return {
      map: this.map,
      seq: this.#seq,
      copies: ledgers.map(({ copy }) => copy),
      seats: ledgers.flatMap(({ copy, seats }) => [...seats.values()].map((seat) => ({ copy: copy.id, seat }))),
      waiting: this.line.length,
    }
  }

  #emitLine(): void {
    this.#emitNumbered({ type: 'line', waiting: this.line.length })
  }

  #emitNumbered(event: Unnumbered<MapEvent>): void {
    this.#emit({ ...event, map: this.map, seq: ++this.#seq } as MapEvent) // adds to each member exactly the fields that `Unnumbered` removed
  }
}

/** Sets an anchor. An anchor that stays in its copy is never shortened. */
function anchor(anchors: Map<string, { copy: CopyId; until: Instant }>, id: string, copy: CopyId, until: Instant): void {
  const before = anchors.get(id)
  anchors.set(id, { copy, until: before?.copy === copy ? Math.max(until, before.until) : until })
}

function fits({ copy, seats }: CopyLedger, holders: SeatHolder[], { limit, evenClosing }: SeatOption): boolean {
  if (copy.state !== 'open' && !(copy.state === 'closing' && evenClosing === true)) return false
  const newcomers = holders.reduce((count, { character }) => (seats.has(character) ? count : count + 1), 0)
  return newcomers === 0 || seats.size + newcomers <= limit
}

/** Holds one seat. A taken seat stays taken and gets a promise: a player who reconnects too late must not lose the seat. */
function hold({ seats }: CopyLedger, holder: SeatHolder, deadline: Instant): Seat {
  const present = seats.get(holder.character)
  const seat: Seat = present?.state === 'taken' ? { ...present, ...holder, promised: deadline } : { ...holder, state: 'held', deadline }
  seats.set(holder.character, seat)
  return seat
}

/** The state of the seat with another description of its holder. The expectations were made at the placement and stay. */
function redescribed(seat: Seat, holder: SeatHolder): Seat {
  const described: SeatHolder = seat.expects === undefined ? holder : { ...holder, expects: seat.expects }
  if (seat.state === 'held') return { ...described, state: 'held', deadline: seat.deadline }
  const taken = { ...described, state: 'taken' as const, since: seat.since }
  return seat.promised === undefined ? taken : { ...taken, promised: seat.promised }
}
