import type { Instant } from '../model/clock.ts'
import type { AccountId, Attributes, CharacterId, CopyId, EntityId, Epoch, GuildId, Language, MapName, MoveId, PartyId, ServerId } from '../model/ids.ts'
import type { Acquaintances } from '../model/placement/acquaintance.ts'
import type { Decision } from '../model/placement/decision.ts'
import type { CharacterSettings, Sanction } from './accounts/accounts.ts'
import type { PackedDecision } from './decisions/candidates.ts'
import type { Records } from './records/records.ts'

/** The part of a character that the placer needs: identity and company. Read in one query. */
export interface SocialProfile {
  character: CharacterId
  entity: EntityId
  name: string
  account: AccountId
  /** The language that the character speaks best; the first of `languages`. */
  language: Language
  /** Best first. */
  languages: readonly Language[]
  guild?: GuildId
  party?: PartyId
  /** All members of the party, including this character, in order of joining. Empty without a party. */
  partyMembers: CharacterId[]
  /** The member who leads the party. */
  partyLeader?: CharacterId
  friends: CharacterId[]
  /** Characters between whose accounts and this character's there is a block, in either direction; absent: none. */
  blocked?: CharacterId[]
  /** Friends, guild-mates and acquaintances that show nobody where they are; absent: none. */
  hidden?: CharacterId[]
  settings: CharacterSettings
  /** Other characters of the account; absent: none. */
  siblings?: CharacterId[]
  /** The character of the account that entered last, where an account may have one live character; absent: any of them may be live. */
  playing?: CharacterId
  /** The account must not enter the world before this instant. */
  ban?: Sanction
  /** The account must not talk before this instant. */
  mute?: Sanction
  /** Values that the game has set with `describe`. */
  attributes?: Attributes
  met?: Acquaintances
  /** The copy that the character left last, and when. */
  left?: { copy: CopyId; at: Instant }
  /** Version of the saved state. Absent: the character has never played. */
  stateVersion?: number
}

/** Result of a claim: the epoch, which is the right to write, and the saved state. `state` is null for a character that has never played. */
export interface Claim {
  epoch: Epoch
  state: unknown
  stateVersion: number
}

/** The durable state. Every write to a character is one UPDATE with its epoch in the condition (rules S1, S2). */
export interface Store extends Records, AsyncDisposable {
  // --- people ---------------------------------------------------------------------------------------------------
  profile(character: CharacterId): Promise<SocialProfile | undefined>
  profiles(characters: readonly CharacterId[]): Promise<SocialProfile[]>
  /** By id, or by name (case-insensitive). */
  findCharacter(idOrName: string): Promise<SocialProfile | undefined>
  /** Names the one character of an account that may be live; the sessions of its others end. Undefined: any of them may be live. */
  setPlaying(account: AccountId, character: CharacterId | undefined): Promise<void>
  guildName(guild: GuildId): Promise<string | undefined>

  // --- who may write a character --------------------------------------------------------------------------------
  /** Login: takes the character from its former holder; epoch + 1. A game server needs the permit of the ticket. Throws CHARACTER_UNKNOWN, CLAIM_REFUSED. */
  claim(character: CharacterId, at: { copy: CopyId; server: ServerId }, permit?: string): Promise<Claim>
  /** Takes a character that was released for `move` at `epoch`: epoch + 1. Undefined: another process took it first. The destination calls it, and after the
   *  deadline of the move the source; any other game server gets CLAIM_REFUSED. */
  claimReleased(character: CharacterId, move: MoveId, epoch: Epoch, at: { copy: CopyId; server: ServerId }): Promise<Claim | undefined>
  /** Saves with this epoch. `false`: the epoch is stale and nothing was changed. */
  save(character: CharacterId, epoch: Epoch, state: unknown, stateVersion: number): Promise<boolean>
  /** Saves many characters in one statement; returns those whose epoch is stale. */
  saveMany(saves: readonly { character: CharacterId; epoch: Epoch; state: unknown; stateVersion: number }[]): Promise<CharacterId[]>
  /** Those of the characters that no server holds at this epoch: another one claimed them, or they were released or have left. Writes nothing. */
  notHeld(holds: readonly { character: CharacterId; epoch: Epoch }[]): Promise<CharacterId[]>
  /** Final save of a move, in one transaction for the whole party. `to`: the game server that may claim them. `false`: an epoch is stale and nothing was changed,
   *  now or by an earlier call for this move. */
  release(move: MoveId, saves: readonly { character: CharacterId; epoch: Epoch; state: unknown; stateVersion: number }[], to?: ServerId): Promise<boolean>
  /** Final save of a character that leaves the game: no server holds it afterwards. `false`: the epoch is stale. */
  leave(character: CharacterId, epoch: Epoch, state: unknown, stateVersion: number): Promise<boolean>
  /** Registers this process as a game server, by the secret with which the store was opened; repeated, it renews the registration. Another
   *  process may take the name when it was not renewed for three minutes. Throws SERVER_NAME_TAKEN. */
  registerServer(server: ServerId, publicKey: string): Promise<void>
  unregisterServer(server: ServerId): Promise<void>
  /** The key that signs permits. */
  permitKey(): Promise<Uint8Array>
  /** Public keys of the game servers that claimed the characters last. Null: no registered game server has claimed it. A character whose server is gone is missing. */
  holderKeys(characters: readonly CharacterId[]): Promise<Map<CharacterId, string | null>>

  // --- decisions ------------------------------------------------------------------------------------------------
  /** Decisions that are stored already stay unchanged, so that a batch may be sent again. */
  recordDecisions(decisions: readonly PackedDecision[]): Promise<void>
  /** Newest first. */
  decisionsFor(character: CharacterId, limit: number): Promise<Decision[]>
  decisionsOn(map: MapName, limit: number): Promise<Decision[]>
  /** Deletes the decisions before an instant, of one map or of all; returns how many. */
  forgetDecisions(before: Instant, map?: MapName): Promise<number>

  // --- leadership -----------------------------------------------------------------------------------------------
  /** Tries to become leader. Undefined: another process leads. `lost` aborts when the connection that holds the lock breaks. */
  tryLead(name: string): Promise<Leadership | undefined>
  /** One round trip; throws DEPENDENCY_DOWN, also while the server only takes reads. */
  ping(signal: AbortSignal): Promise<void>
}

export interface Leadership extends AsyncDisposable {
  lost: AbortSignal
}
