/**
 * Names of things. All are opaque strings, except `EntityId`, which travels in every snapshot.
 * Ids are made at the edge (the caller passes them in), never inside the domain.
 */
export type CharacterId = string
export type AccountId = string
export type GuildId = string
export type PartyId = string
export type CopyId = string
export type ServerId = string
export type FleetName = string
export type MapName = string
export type MoveId = string
/** 1..2^32-1, one per character for ever: the same body keeps it in every copy, so that a move re-creates nothing. */
export type EntityId = number
/** Things that belong to a map and not to a character have ids from here on, the same in each copy of the map. */
export const FIRST_THING: EntityId = 2 ** 31
/** Language tag as the player chose it, lower case (`en`, `de`). */
export type Language = string
/** Where a server stands, as the operator names it (`eu-west`). */
export type Region = string
/** What a game knows of a character beyond guild and language, by the names of the policies' `placement.attributes`. */
export type Attributes = Readonly<Record<string, string | number>>
/** Raised by one at each claim; only the holder of the newest may write that character (rules S1, S2). */
export type Epoch = number
