import type { Instant } from '../../model/clock.ts'
import type { CharacterId, CopyId, GuildId, Language, MapName, PartyId } from '../../model/ids.ts'
import type { MoveOutcome } from '../../model/move.ts'
import { addSums, type DaySums, noSums } from '../../score/day/daySums.ts'
import { Scorecard } from '../../score/day/scorecard.ts'
import { Numbers } from './numbers.ts'
import type { PopulationChanges, PopulationParts, Present } from './population.ts'

export type LiveScoreParts = Pick<PopulationParts, 'census' | 'policies'>

/** A character on a layered map, as it was at the last sample. */
interface Seen {
  map: number
  copy: number
  guild: GuildId | undefined
  party: PartyId | undefined
  language: Language
}

/** Moves that the planner ordered and players did not ask for. The simulator counts the same; its servers are never short of CPU, so that it has no relief. */
const forced: ReadonlySet<MoveOutcome['cause']> = new Set(['merge', 'drain', 'reunite', 'relief'])

/** Scores the running world by what changes from second to second. Only layered maps count. */
export class LiveScore {
  readonly #parts: LiveScoreParts
  #before = noSums()
  #term: Term | undefined

  constructor(parts: LiveScoreParts) {
    this.#parts = parts
  }

  /** Takes over what changed. The first call begins a term: the time before it does not count. */
  apply(changes: PopulationChanges): void {
    this.#term ??= new Term(this.#parts, changes.at)
    this.#term.apply(changes)
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
  readonly #open = new Map<CopyId, { map: MapName; index: number }>()
  readonly #seen = new Map<CharacterId, Seen>()

  constructor(parts: LiveScoreParts, now: Instant) {
    this.#parts = parts
    this.card = new Scorecard(now / 1000)
  }

  apply({ at, left, came, changed }: PopulationChanges): void {
    const { card } = this
    card.advance(at / 1000)
    this.#openCopies()
    for (const character of left) this.#leave(character)
    for (const [character, { now }] of changed) this.#see(character, now)
    for (const [character, present] of came) this.#see(character, present)
    this.#closeCopies()
    for (const [map, index] of this.#maps) card.waits(index, this.#parts.census().maps.get(map)?.waiting ?? 0)
  }

  #openCopies(): void {
    for (const { map, kind, capacity } of this.#parts.policies().values()) {
      if (kind !== 'zone') continue
      const index = this.#maps.get(map) ?? this.card.addMap(capacity.hard)
      this.#maps.set(map, index)
      this.card.capacity(index, capacity.hard)
      for (const { copy } of this.#parts.census().maps.get(map)?.copies.values() ?? []) {
        if ((copy.state !== 'open' && copy.state !== 'closing') || this.#open.has(copy.id)) continue
        this.#open.set(copy.id, { map, index })
        this.card.opened(index, this.#copies.of(copy.id))
      }
    }
  }

  #closeCopies(): void {
    for (const [copy, { map, index }] of this.#open) {
      if (this.#parts.census().maps.get(map)?.copies.has(copy) === true) continue
      this.#open.delete(copy)
      this.card.closed(index, this.#copies.of(copy))
      this.#copies.forget(copy)
    }
  }

  #see(character: CharacterId, { seat, map: name, kind, copy: id, friends }: Present): void {
    const map = this.#maps.get(name)
    if (kind !== 'zone' || map === undefined) return this.#leave(character)
    const [number, copy] = [this.#characters.of(character), this.#copies.of(id)]
    const { guild, party, language } = seat
    const before = this.#seen.get(character)
    const described = before !== undefined && before.guild === guild && before.party === party && before.language === language
    if (described && before.map === map && before.copy === copy) return
    if (before !== undefined && before.copy !== copy) this.card.left(number)
    if (before === undefined) this.#befriend(number, friends)
    if (!described) {
      const group = (kind: string, id: string | undefined): number => (id === undefined ? 0 : this.#groups.of(`${kind} ${id}`))
      this.card.describe(number, { guild: group('guild', guild), party: group('party', party), language: this.#languages.of(language) })
    }
    if (before?.copy !== copy) this.card.entered(number, map, copy)
    this.#seen.set(character, { map, copy, guild, party, language })
  }

  /** Friends count while both are in the world. Friendship is mutual. */
  #befriend(number: number, friends: readonly CharacterId[]): void {
    const present = friends.flatMap((friend) => (this.#seen.has(friend) ? this.#characters.of(friend) : []))
    this.card.friends[number] = present
    for (const friend of present) this.card.friends[friend]?.push(number)
  }

  #leave(character: CharacterId): void {
    if (!this.#seen.has(character)) return
    const number = this.#characters.of(character)
    this.card.left(number)
    for (const friend of this.card.friends[number] ?? []) this.card.friends[friend] = (this.card.friends[friend] ?? []).filter((other) => other !== number)
    this.card.friends[number] = []
    this.#characters.forget(character)
    this.#seen.delete(character)
  }
}
