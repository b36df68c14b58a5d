import type { Census } from '../../model/census.ts'
import type { Clock } from '../../model/clock.ts'
import type { CharacterId, CopyId, MapName } from '../../model/ids.ts'
import type { MoveOutcome } from '../../model/move.ts'
import type { Policies } from '../../model/policy/policy.ts'
import type { Seat } from '../../model/seat.ts'
import { addSums, type DaySums, noSums } from '../../score/day/daySums.ts'
import { Scorecard } from '../../score/day/scorecard.ts'
import { Numbers } from './numbers.ts'

export interface LiveScoreParts {
  census: () => Census
  policies: () => Policies
  /** Friends of characters who have just come; a missing character has none. */
  friendsOf(characters: readonly CharacterId[]): Promise<ReadonlyMap<CharacterId, readonly CharacterId[]>>
  clock: Clock
}

/** A character as it was at the last sample. */
interface Seen {
  map: number
  copy: number
  facts: string
}

/** Moves that players did not ask for; the simulator counts the same. */
const forced: ReadonlySet<MoveOutcome['cause']> = new Set(['merge', 'drain', 'reunite'])

/** Scores the running world. `sample` is called about once a second; what happens and is undone between two samples is not seen. */
export class LiveScore {
  readonly #parts: LiveScoreParts
  #before = noSums()
  #term: Term | undefined
  /** A sample waits for the store. */
  #sampling = false

  constructor(parts: LiveScoreParts) {
    this.#parts = parts
  }

  /** Compares the world with the last sample. The first call begins a term: the time before it does not count. */
  async sample(): Promise<void> {
    this.#term ??= new Term(this.#parts)
    if (this.#sampling) return
    this.#sampling = true
    try {
      await this.#term.sample()
    } finally {
      this.#sampling = false
    }
  }

  /** Counts the characters of a finished move. */
  settled({ state, cause, members }: MoveOutcome): void {
    if (state === 'done' && forced.has(cause)) this.#term?.card.forced(members)
  }

  /** This process leads no longer: another one measures from here. */
  pause(): void {
    this.#before = this.sums()
    this.#term = undefined
  }

  /** The sums of all terms of this process. They only grow, except that peaks are maxima. */
  sums(): DaySums {
    return this.#term === undefined ? this.#before : addSums(this.#before, this.#term.card.sums())
  }
}

/** One span of time without interruption, with the numbers that stand for names. */
class Term {
  readonly card: Scorecard
  readonly #parts: LiveScoreParts
  readonly #characters = new Numbers<CharacterId>()
  readonly #groups = new Numbers<string>(1)
  readonly #languages = new Numbers<string>()
  readonly #copies = new Numbers<CopyId>()
  readonly #maps = new Map<MapName, number>()
  readonly #open = new Map<CopyId, number>()
  readonly #seen = new Map<CharacterId, Seen>()

  constructor(parts: LiveScoreParts) {
    this.#parts = parts
    this.card = new Scorecard(parts.clock.now() / 1000)
  }

  async sample(): Promise<void> {
    const before = this.#present()
    const newcomers = [...before.keys()].filter((character) => !this.#seen.has(character))
    const friends = newcomers.length === 0 ? new Map<CharacterId, readonly CharacterId[]>() : await this.#parts.friendsOf(newcomers)
    // The world has gone on while the store answered: read it again. Who came meanwhile is seen by the next sample.
    const { card } = this
    const present = this.#present()
    card.advance(this.#parts.clock.now() / 1000)
    this.#openCopies()
    for (const character of this.#seen.keys()) if (!present.has(character)) this.#leave(character)
    for (const [character, { seat, map, copy }] of present)
      if (this.#seen.has(character) || before.has(character)) this.#see(character, seat, { map, copy, friends: friends.get(character) ?? [] })
    this.#closeCopies()
    for (const [map, index] of this.#maps) card.waits(index, this.#parts.census().maps.get(map)?.waiting ?? 0)
  }

  /** Who sits where. On a move a character has two seats, of which one is taken. */
  #present(): Map<CharacterId, { seat: Seat; map: MapName; copy: CopyId }> {
    const present = new Map<CharacterId, { seat: Seat; map: MapName; copy: CopyId }>()
    for (const { map, copies } of this.#parts.census().maps.values()) {
      if (this.#parts.policies().get(map)?.kind !== 'zone') continue
      for (const { copy, seats } of copies.values()) {
        if (copy.state !== 'open' && copy.state !== 'closing') continue
        for (const seat of seats.values()) if (seat.state === 'taken') present.set(seat.character, { seat, map, copy: copy.id })
      }
    }
    return present
  }

  #openCopies(): void {
    for (const { map, kind, capacity } of this.#parts.policies().values()) {
      if (kind !== 'zone') continue
      const index = this.#maps.get(map) ?? this.card.addMap(capacity.hard)
      this.#maps.set(map, index)
      this.card.capacity(index, capacity.hard)
      for (const { copy } of this.#parts.census().maps.get(map)?.copies.values() ?? []) {
        if ((copy.state !== 'open' && copy.state !== 'closing') || this.#open.has(copy.id)) continue
        this.#open.set(copy.id, index)
        this.card.opened(index, this.#copies.of(copy.id))
      }
    }
  }

  #closeCopies(): void {
    for (const [copy, map] of this.#open) {
      const names = [...this.#maps].find(([, index]) => index === map)
      if (names !== undefined && this.#parts.census().maps.get(names[0])?.copies.has(copy) === true) continue
      this.#open.delete(copy)
      this.card.closed(map, this.#copies.of(copy))
      this.#copies.forget(copy)
    }
  }

  #see(character: CharacterId, seat: Seat, at: { map: MapName; copy: CopyId; friends: readonly CharacterId[] }): void {
    const [map, copy] = [this.#maps.get(at.map), this.#copies.of(at.copy)]
    if (map === undefined) return
    const number = this.#characters.of(character)
    const { guild, party, language } = seat
    const facts = JSON.stringify([guild, party, language])
    const before = this.#seen.get(character)
    if (before?.map === map && before.copy === copy && before.facts === facts) return
    if (before !== undefined && before.copy !== copy) this.card.left(number)
    if (before === undefined) this.#befriend(number, at.friends)
    if (before?.facts !== facts) {
      const group = (kind: string, id: string | undefined): number => (id === undefined ? 0 : this.#groups.of(`${kind} ${id}`))
      this.card.describe(number, { guild: group('guild', guild), party: group('party', party), language: this.#languages.of(language) })
    }
    if (before === undefined || before.copy !== copy) this.card.entered(number, map, copy)
    this.#seen.set(character, { map, copy, facts })
  }

  /** Friends count while both are in the world. Friendship is mutual. */
  #befriend(number: number, friends: readonly CharacterId[]): void {
    const present = friends.flatMap((friend) => (this.#seen.has(friend) ? this.#characters.of(friend) : []))
    this.card.friends[number] = present
    for (const friend of present) this.card.friends[friend]?.push(number)
  }

  #leave(character: CharacterId): void {
    const number = this.#characters.of(character)
    this.card.left(number)
    for (const friend of this.card.friends[number] ?? []) this.card.friends[friend] = (this.card.friends[friend] ?? []).filter((other) => other !== number)
    this.card.friends[number] = []
    this.#characters.forget(character)
    this.#seen.delete(character)
  }
}
