import type { Census } from '../../model/census.ts'
import type { Clock, Instant } from '../../model/clock.ts'
import type { CharacterId, CopyId, MapName } from '../../model/ids.ts'
import type { Policies } from '../../model/policy/policy.ts'
import type { Seat } from '../../model/seat.ts'

export interface PopulationParts {
  census: () => Census
  policies: () => Policies
  /** Friends of characters who have just come; a missing character has none. */
  friendsOf(characters: readonly CharacterId[]): Promise<ReadonlyMap<CharacterId, readonly CharacterId[]>>
  /** What goes into the pseudonyms of characters who have just come. */
  saltsOf(characters: readonly CharacterId[]): Promise<ReadonlyMap<CharacterId, string>>
  clock: Clock
}

/** A character in the world, as the last sample saw it. */
export interface Present {
  seat: Seat & { state: 'taken' }
  map: MapName
  kind: 'zone' | 'instance'
  copy: CopyId
  /** As they were when the character came into the world. */
  friends: readonly CharacterId[]
  /** Goes into its pseudonyms. */
  salt: string
}

/** What differs between two samples. The first sample of a watch has everybody as newcomers. */
export interface PopulationChanges {
  at: Instant
  left: readonly CharacterId[]
  came: ReadonlyMap<CharacterId, Present>
  /** Who is elsewhere, or whose guild, party or languages may be others. */
  changed: ReadonlyMap<CharacterId, { before: Present; now: Present }>
}

type Found = Omit<Present, 'friends' | 'salt'>
/** `round`: the last round in which the character was found as it is. */
type Seen = Present & { round: number }

/**
 * Compares the world with how it was a second ago: what happens and is undone in between is not seen. The census keeps the object of a seat that did not change,
 * so a round compares one pointer for each player.
 */
export class Population {
  readonly #parts: PopulationParts
  readonly #seen = new Map<CharacterId, Seen>()
  #round = 0
  /** A sample waits for the store. */
  #sampling = false

  constructor(parts: PopulationParts) {
    this.#parts = parts
  }

  /** Everybody in the world, as the last sample saw them. */
  get present(): ReadonlyMap<CharacterId, Present> {
    return this.#seen
  }

  /** Undefined while an earlier call waits for the store. */
  async sample(): Promise<PopulationChanges | undefined> {
    if (this.#sampling) return undefined
    this.#sampling = true
    try {
      return await this.#compare()
    } finally {
      this.#sampling = false
    }
  }

  async #compare(): Promise<PopulationChanges> {
    const { friendsOf, saltsOf, clock } = this.#parts
    let found = this.#read()
    const newcomers = [...found.keys()].filter((character) => !this.#seen.has(character))
    const [friends, salts] = newcomers.length === 0 ? [] : await Promise.all([friendsOf(newcomers), saltsOf(newcomers)])
    const known = new Set(newcomers)
    // The world has gone on while the store answered: read it again. Who came meanwhile is seen by the next sample.
    if (newcomers.length > 0) found = this.#read()
    const left: CharacterId[] = []
    const came = new Map<CharacterId, Present>()
    const changed = new Map<CharacterId, { before: Present; now: Present }>()
    for (const [character, { round }] of this.#seen) if (round !== this.#round && !found.has(character)) left.push(character)
    for (const character of left) this.#seen.delete(character)
    for (const [character, one] of found) {
      const before = this.#seen.get(character)
      if (before === undefined && !known.has(character)) continue
      const present = {
        ...one,
        friends: before?.friends ?? friends?.get(character) ?? [],
        salt: before?.salt ?? salts?.get(character) ?? '',
        round: this.#round,
      }
      this.#seen.set(character, present)
      if (before === undefined) came.set(character, present)
      else changed.set(character, { before, now: present })
    }
    for (const [character, { friends }] of came) this.#befriend(character, friends)
    return { at: clock.now(), left, came, changed }
  }

  /** Friendship is mutual: a friend who came before the friendship was made has the newcomer as a friend from now on. */
  #befriend(newcomer: CharacterId, friends: readonly CharacterId[]): void {
    for (const friend of friends) {
      const other = this.#seen.get(friend)
      if (other !== undefined && !other.friends.includes(newcomer)) this.#seen.set(friend, { ...other, friends: [...other.friends, newcomer] })
    }
  }

  /** Who is not as the last sample saw them. On a move a character has two seats: the one that was taken last counts. */
  #read(): Map<CharacterId, Found> {
    const round = ++this.#round
    const found = new Map<CharacterId, Found>()
    for (const { map, copies } of this.#parts.census().maps.values()) {
      const kind = this.#parts.policies().get(map)?.kind
      if (kind === undefined) continue
      for (const { copy, seats } of copies.values()) {
        if (copy.state !== 'open' && copy.state !== 'closing') continue
        for (const seat of seats.values()) {
          if (seat.state !== 'taken') continue
          const seen = this.#seen.get(seat.character)
          if (seen?.seat === seat && seen.copy === copy.id) {
            seen.round = round
            continue
          }
          const other = found.get(seat.character)
          if (other === undefined || other.seat.since < seat.since) found.set(seat.character, { seat, map, kind, copy: copy.id })
        }
      }
    }
    for (const [character, { seat }] of found) {
      const seen = this.#seen.get(character)
      if (seen?.round === round && seen.seat.since >= seat.since) found.delete(character)
    }
    return found
  }
}
