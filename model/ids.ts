/**
 * Ids and names. Each kind is a type of its own: a map's name does not compile where a copy's id is expected. A plain string from the edge (a
 * request, a file, a database row) is accepted as any of them, because that is where ids begin; from then on the kind is kept.
 * All are opaque, except `EntityId`, which travels in every snapshot. The caller passes new ids in; the domain never makes one.
 */
type Id<Kind extends string> = string & { readonly __kind?: Kind }

/** An id or a name of a character, as people type it. The store resolves it (`findCharacter`). */
export type NameOrId = string

export type AccountId = Id<'account'>
/** An account of the ledger, which holds money and items. Not the account of a player. */
export type LedgerAccount = Id<'ledger account'>
export type CharacterId = Id<'character'>
export type GuildId = Id<'guild'>
export type PartyId = Id<'party'>
export type CopyId = Id<'copy'>
/** Says which instance of a map of kind `instance` a group enters: the game's own function returns it (`instanceKey.ts`). */
export type InstanceKey = Id<'instance key'>
export type ServerId = Id<'server'>
export type FleetName = Id<'fleet'>
export type MapName = Id<'map'>
export type MoveId = Id<'move'>
/** BCP 47 language tag in lower case (`en`, `pt-br`). */
export type Language = Id<'language'>
/** Place of a server, as the operator names it (`eu-west`). */
export type Region = Id<'region'>
/** Stands for a character, a guild or a party in a recording of the population. Nobody can compute the id from it. */
export type Pseudonym = Id<'pseudonym'>
/** 1 to 2^32−1, one per character, never reused: a body keeps it in every copy, so that a move re-creates no entity. */
export type EntityId = number
/** Things that belong to a map have ids from here upwards, the same in each copy of the map; characters have ids below. */
export const FIRST_THING: EntityId = 2 ** 31
/** What a game knows of a character besides guild and language, keyed by the names of the policies' `placement.attributes`. */
export type Attributes = Readonly<Record<string, string | number>>
/** Rises by one at each claim; only the holder of the newest epoch may write that character (rules S1, S2). */
export type Epoch = number
