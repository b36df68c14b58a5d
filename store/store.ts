import type { Instant } from '../model/clock.ts'
import type { Attributes, CharacterId, CopyId, EntityId, Epoch, GuildId, Language, MoveId, PartyId, ServerId } from '../model/ids.ts'
import type { Acquaintances } from '../model/placement/acquaintance.ts'
import type { Decision } from '../model/placement/decision.ts'
import type { PackedDecision } from './decisions/candidates.ts'
import type { Records } from './records/records.ts'

/** A character as the placer needs it: who they are and whom they want to be with. One query. */
export interface SocialProfile {
  character: CharacterId
  entity: EntityId
  name: string
  language: Language
  guild?: GuildId
  party?: PartyId
  /** Everybody in the party, oneself included, in order of joining; empty without a party. */
  partyMembers: CharacterId[]
  friends: CharacterId[]
  /** What the game knows of them besides. */
  attributes?: Attributes
  met?: Acquaintances
  /** Of their state, as it was saved last; absent: they never played. */
  stateVersion?: number
}

/** What the development login knows. */
export interface Person {
  name: string
  language: Language
  guild?: string
  friends: string[]
  attributes?: Attributes
}

/** What a claim returns: the right to write, and the state as last saved. `state` is null for a character that never played. */
export interface Claim {
  epoch: Epoch
  state: unknown
  stateVersion: number
}

/** The durable truth. All writes to a character are fenced by its epoch in one conditional UPDATE (rules S1, S2). */
export interface Store extends Records, AsyncDisposable {
  // --- people ---------------------------------------------------------------------------------------------------
  /** Development login: the character of that name, made when absent; guild, friendships and attributes are added, never taken away. */
  ensureCharacter(person: Person): Promise<SocialProfile>
  profile(character: CharacterId): Promise<SocialProfile | undefined>
  profiles(characters: readonly CharacterId[]): Promise<SocialProfile[]>
  /** By id, or by name (without regard to case). */
  findCharacter(idOrName: string): Promise<SocialProfile | undefined>
  guildName(guild: GuildId): Promise<string | undefined>

  // --- parties --------------------------------------------------------------------------------------------------
  createParty(party: PartyId, leader: CharacterId): Promise<void>
  /** Leaves any earlier party. Throws PARTY_UNKNOWN, PARTY_FULL (5 members). */
  joinParty(party: PartyId, character: CharacterId): Promise<void>
  /** The last one out removes the party. */
  leaveParty(character: CharacterId): Promise<void>

  // --- who may write a character --------------------------------------------------------------------------------
  /** Login: takes the character whoever held it; epoch + 1. Throws CHARACTER_UNKNOWN. */
  claim(character: CharacterId, at: { copy: CopyId; server: ServerId }): Promise<Claim>
  /** After a release for `move` at `epoch`: epoch + 1, or undefined when somebody was faster. The destination and, after its deadline, the source call the same. */
  claimReleased(character: CharacterId, move: MoveId, epoch: Epoch, at: { copy: CopyId; server: ServerId }): Promise<Claim | undefined>
  /** Saves at this epoch; `false`: the epoch is stale, nothing was changed. */
  save(character: CharacterId, epoch: Epoch, state: unknown, stateVersion: number): Promise<boolean>
  /** Saves many in one statement; returns those whose epoch is stale. */
  saveMany(saves: readonly { character: CharacterId; epoch: Epoch; state: unknown; stateVersion: number }[]): Promise<CharacterId[]>
  /** Final save of a move: all of a party or nobody, one transaction. `false`: some epoch was stale, nothing was changed. */
  release(move: MoveId, saves: readonly { character: CharacterId; epoch: Epoch; state: unknown; stateVersion: number }[]): Promise<boolean>
  /** Final save on leaving the world: nobody holds the character afterwards. */
  leave(character: CharacterId, epoch: Epoch, state: unknown, stateVersion: number): Promise<boolean>

  // --- decisions ------------------------------------------------------------------------------------------------
  /** Those that are stored already stay as they are, so that a batch can be sent again. */
  recordDecisions(decisions: readonly PackedDecision[]): Promise<void>
  /** Newest first. */
  decisionsFor(character: CharacterId, limit: number): Promise<Decision[]>
  decisionsOn(map: string, limit: number): Promise<Decision[]>
  /** Removes older ones, of one map or of all; returns how many. */
  forgetDecisions(before: Instant, map?: string): Promise<number>

  // --- leadership -----------------------------------------------------------------------------------------------
  /** Tries the advisory lock on a connection of its own; undefined when another process leads. `lost` aborts when that connection breaks. */
  tryLead(name: string): Promise<Leadership | undefined>
  /** One round trip; throws DEPENDENCY_DOWN. */
  ping(signal: AbortSignal): Promise<void>
}

export interface Leadership extends AsyncDisposable {
  lost: AbortSignal
}
