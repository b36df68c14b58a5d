import type { Instant } from './clock.ts'
import type { Attributes, CharacterId, CopyId, EntityId, GuildId, Language, MapName, PartyId } from './ids.ts'

/** What a copy knows of whoever sits in it: enough to count company without asking the store. */
export interface SeatHolder {
  character: CharacterId
  entity: EntityId
  name: string
  language: Language
  party?: PartyId
  guild?: GuildId
  attributes?: Attributes
  /** How many of their company were online elsewhere when they got the seat, by how likely each was to follow: what strangers leave free for them. */
  expects?: number
}

/**
 * The right of one character to be in one copy. Both states count towards the caps (rule S3).
 *
 * | from  | to    | who       | when                                          |
 * | ----- | ----- | --------- | --------------------------------------------- |
 * | –     | held  | placer    | a copy had room, for all of the party at once |
 * | held  | taken | server    | the ticket was shown in time                  |
 * | held  | –     | directory | `deadline` passed (rule S4), or given back    |
 * | taken | –     | server    | left, moved, or was dropped                   |
 * | taken | held  | server    | the same, and it was `promised` meanwhile     |
 *
 * `promised`: the placer gave the taken seat to the same character anew, until then. Somebody who goes and at once comes back is
 * given the seat before the server has freed it; it must not be lost with the body that goes.
 */
export type Seat = SeatHolder & ({ state: 'held'; deadline: Instant } | { state: 'taken'; since: Instant; promised?: Instant })

/** One copy that the party may sit in, best first, with the cap that holds for this party there. */
export interface SeatOption {
  copy: CopyId
  /** Held + taken seats after the step may not exceed this: the soft cap for strangers, more for company, never above hard. */
  limit: number
  /** They come to somebody inside: the copy may be closing, too (rule C1 keeps strangers out only). Else it must be open. */
  evenClosing?: boolean
}

/** All of `holders` get a seat in the first option that still fits and is open, or nobody gets one (rules P1, S3). */
export interface SeatRequest {
  map: MapName
  holders: SeatHolder[]
  options: SeatOption[]
  now: Instant
  deadline: Instant
  /** Members who enter at the same instant through several matchmakers end in one copy (rule P1): where this party got seats on
   *  this map, and until the deadline of the newest, only that copy is looked at while it is open or closing. */
  party?: PartyId
  /** Members of a guild who enter in the same second through several matchmakers come together: where one of them got a seat a moment
   *  ago is tried before the first `among` options, which are as good for everything that counts more than a guild. */
  group?: { id: string; among: number }
  /** Those of the holders who have no seat on this map, as far as the caller knows. Has one of them got one meanwhile, through another
   *  matchmaker, nobody gets a seat in any other copy: nobody sits in two. Absent: a seat elsewhere is no hindrance, as in a move. */
  unseated?: CharacterId[]
}

/** Where a character is live right now. */
export interface Presence {
  character: CharacterId
  map: MapName
  copy: CopyId
  server: string
  epoch: number
}
