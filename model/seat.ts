import type { DurationMs, Instant } from './clock.ts'
import { defined } from './defined.ts'
import type { Attributes, CharacterId, CopyId, EntityId, GuildId, Language, MapName, PartyId, ServerId } from './ids.ts'

/** The character that holds a seat, with what is needed to count company without a query to the store. */
export interface SeatHolder {
  character: CharacterId
  entity: EntityId
  name: string
  /** The language that the character speaks best. */
  language: Language
  /** The other languages that it speaks, best first. Absent: it speaks one. */
  languages?: readonly Language[]
  party?: PartyId
  guild?: GuildId
  attributes?: Attributes
  /**
   * Expected number of followers: the company that was online elsewhere when the seat was given, each weighted by how likely they follow. Strangers leave
   * this many seats free.
   */
  expects?: number
}

/** What a seat says of its holder, without the state of the seat and without `expects`: a seat in another copy has expectations of its own. */
export function holderIn({ character, entity, name, language, languages, party, guild, attributes }: SeatHolder): SeatHolder {
  return defined({ character, entity, name, language, languages, party, guild, attributes })
}

/**
 * The right of one character to be in one copy. Both states count towards the caps (rule S3).
 *
 * | from  | to    | by        | when                                                                  |
 * | ----- | ----- | --------- | --------------------------------------------------------------------- |
 * | –     | held  | placer    | a copy has room for all members of the party                          |
 * | held  | taken | server    | the client showed the ticket before the deadline                      |
 * | held  | –     | directory | `deadline` passed (rule S4), or the seat was given back               |
 * | taken | –     | server    | the character left, was moved, or was disconnected                    |
 * | taken | held  | server    | the same, but the seat has been `promised` to the character again     |
 *
 * `promised`: deadline of a second hold on a taken seat by the same character. A player who leaves and comes back at once gets the seat again before
 * the server has freed it; without the promise, freeing the old session would also free the new one's seat.
 */
export type Seat = SeatHolder & ({ state: 'held'; deadline: Instant } | { state: 'taken'; since: Instant; promised?: Instant })

/** One copy that the party may enter, with the cap that applies to this party there. */
export interface SeatOption {
  copy: CopyId
  /** Most held and taken seats after the request: the soft cap for strangers, more for company, never above the hard cap. */
  limit: number
  /** True when they join company in the copy: then the copy may also be closing (rule C1 excludes only strangers). Otherwise it must be open. */
  evenClosing?: boolean
}

/** All `holders` get a seat in the first option that has room and the right state, or none gets one (rules P1, S3). */
export interface SeatRequest {
  map: MapName
  holders: SeatHolder[]
  options: SeatOption[]
  now: Instant
  deadline: Instant
  /** Keeps a party together when its members enter through several matchmakers at once (rule P1): once the party has seats on this map, only
   *  their copy is considered, while it is open or closing and until the deadline of the newest of these seats. */
  party?: PartyId
  /** Brings guild-mates together who enter through several matchmakers in the same second: the copy where one of them just got a seat is tried
   *  first, if it is one of the first `among` options. These options are equal in everything that counts more than the guild. This lasts for `forMs` after
   *  the last of them got a seat. */
  group?: { id: string; among: number; forMs: DurationMs }
  /** The holders who have no seat on this map, as far as the caller knows. When one of them has got a seat meanwhile through another matchmaker,
   *  no seat in any other copy is given, so that nobody has two seats. Absent: a seat in another copy is allowed, as in a move. */
  unseated?: CharacterId[]
}

/** Where a character is live now. */
export interface Presence {
  character: CharacterId
  map: MapName
  copy: CopyId
  server: ServerId
  epoch: number
  /** The server's answer to a login elsewhere (`letGo`): the character stays here for up to `forMs` because it is busy. 0: it is saved and free to be claimed. */
  keeps?: { ask: string; forMs: DurationMs }
}

/** Whether two seats say the same of their holder. */
export function seatsAgree(one: SeatHolder, other: SeatHolder): boolean {
  const same = one.name === other.name && one.party === other.party && one.guild === other.guild && one.language === other.language
  return same && canonical(one.languages) === canonical(other.languages) && canonical(one.attributes) === canonical(other.attributes)
}

/** Independent of the order of the names: Redis may have changed it. */
function canonical(value: readonly Language[] | Attributes | undefined): string {
  return JSON.stringify(Array.isArray(value) ? value : Object.entries(value ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)))
}
