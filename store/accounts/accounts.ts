import type { Instant } from '../../model/clock.ts'
import type { AccountId, Attributes, CharacterId, EntityId, GuildId, Language } from '../../model/ids.ts'

export interface AccountRecord {
  account: AccountId
  displayName?: string
  createdAt: Instant
  ban?: Sanction
  mute?: Sanction
}

/** A ban or a mute. Absent or past `until`: no sanction. */
export interface Sanction {
  until: Instant
  /** Shown to the player. */
  reason: string
}

/** What others see of a character and what it lets others do. */
export interface CharacterSettings {
  /** Who sees whether and where the character is in the world. */
  presence: 'everyone' | 'friends' | 'nobody'
  /** Who may enter the copy where the character is by naming it. */
  joinable: 'friends' | 'company' | 'nobody'
  /** Whether the character goes along when its party's leader travels: always, or only after it was asked. */
  follow: 'always' | 'ask'
}

export const defaultSettings: CharacterSettings = { presence: 'friends', joinable: 'company', follow: 'always' }

export interface CharacterSummary {
  character: CharacterId
  account: AccountId
  entity: EntityId
  name: string
  /** Languages that the character speaks, best first. */
  languages: Language[]
  guild?: GuildId
  attributes?: Attributes
  settings: CharacterSettings
  createdAt: Instant
  /** When its state was saved last; absent: it never played. */
  playedAt?: Instant
}

/** A character to be made or, when its id exists, brought up to date. `name` is checked by the caller (`checkName`). */
export interface CharacterDraft {
  /** The studio's own id; the store makes one when it is absent. */
  character?: CharacterId
  name: string
  languages: readonly Language[]
  attributes?: Attributes
}

/** Accounts and their characters. */
export interface Accounts {
  /** Makes the account at its first sign-in. A display name replaces the former one. */
  ensureAccount(account: AccountId, displayName?: string): Promise<AccountRecord>
  account(account: AccountId): Promise<AccountRecord | undefined>
  /** Oldest first; deleted ones are left out. */
  charactersOf(account: AccountId): Promise<CharacterSummary[]>
  /** The account that owns a character; undefined for one that is not there or was deleted. */
  ownerOf(character: CharacterId): Promise<AccountId | undefined>
  /** Throws NAME_TAKEN, CHARACTER_LIMIT (the account has `limit` characters already). */
  createCharacter(account: AccountId, draft: CharacterDraft, limit: number): Promise<CharacterSummary>
  /** Throws NAME_TAKEN, CHARACTER_UNKNOWN. */
  renameCharacter(character: CharacterId, name: string): Promise<CharacterSummary>
  /** Replaces what is given and keeps the rest. Throws CHARACTER_UNKNOWN. */
  describeCharacter(character: CharacterId, change: CharacterChange): Promise<CharacterSummary>
  /**
   * The character can never be played again, its name is free, its friendships, party and guild memberships end; what the ledger says of it stays. Its
   * epoch rises, so that a server which still holds it cannot write it any more. Throws CHARACTER_UNKNOWN.
   */
  deleteCharacter(character: CharacterId): Promise<void>

  /** A ban keeps the account out of the world, a mute keeps it from talking; `undefined` lifts it. Throws ACCOUNT_UNKNOWN. */
  setBan(account: AccountId, ban: Sanction | undefined): Promise<void>
  setMute(account: AccountId, mute: Sanction | undefined): Promise<void>
  /** The account of this id, or the one that owns the character of this id or name. */
  findAccount(idOrCharacter: string): Promise<AccountId | undefined>

  /** All that is stored about an account and its characters, for the person that it belongs to. Throws ACCOUNT_UNKNOWN. */
  exportAccount(account: AccountId): Promise<Record<string, unknown>>
  /** Removes what is personal: names, states, friendships, letters' texts, names in decisions. What the ledger needs stays without a name. Throws ACCOUNT_UNKNOWN. */
  eraseAccount(account: AccountId): Promise<{ characters: number }>

  /** Writes the audit log. */
  audit(entry: AuditEntry): Promise<void>
  /** Newest first; all, or those on one subject (an account, a character, a guild). */
  auditLog(limit: number, subject?: string): Promise<(AuditEntry & { at: Instant })[]>
}

export interface CharacterChange {
  languages?: readonly Language[]
  attributes?: Attributes
  settings?: Partial<CharacterSettings>
}

export interface AuditEntry {
  /** Name in the service token, or `operator` for the operator's token. */
  actor: string
  /** For example `ban`, `unmute`, `export`. */
  action: string
  subject: string
  reason?: string
  details?: Record<string, unknown>
}
