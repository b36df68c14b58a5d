import type { Instant } from '../../model/clock.ts'
import type { GuildRank } from '../../model/economy.ts'
import type { ErrorCode, ErrorDetails } from '../../model/errors.ts'
import type { AccountId, Attributes, CharacterId, GuildId, Language } from '../../model/ids.ts'
import type { AccountRecord, CharacterSummary } from '../accounts/accounts.ts'

/** One record of a studio's back end, as it shall be stored. Repeating a line changes nothing. */
export type StudioLine =
  | { kind: 'account'; account: AccountId; displayName?: string }
  | {
      kind: 'character'
      character: CharacterId
      /** Made when it is not there. */
      account: AccountId
      /** Checked by the caller (`checkName`). */
      name: string
      /** Left out: kept, or `en` for a new character. */
      languages?: readonly Language[]
      attributes?: Attributes
      /** `null` takes the character out of its guild; left out: the guild stays. */
      guild?: GuildId | null
    }
  /** With `members` the roster is replaced: members that are not listed leave the guild. */
  | { kind: 'guild'; guild: GuildId; name: string; members?: readonly { character: CharacterId; rank: GuildRank }[] }
  | { kind: 'friendship'; characters: readonly [CharacterId, CharacterId]; remove?: boolean }
  | { kind: 'block'; character: CharacterId; blocked: CharacterId; remove?: boolean }

export type LineResult = { ok: true } | { ok: false; code: ErrorCode; message: string; details: ErrorDetails }

/** The studio's own truth about its players, written by its back end. */
export interface Studio {
  /** Applies lines in their order; neighbours of one kind go into one statement. One result per line: a refused line leaves the others as they are. */
  apply(lines: readonly StudioLine[]): Promise<LineResult[]>

  /** Reads come in pages of at most `limit` rows, in the order of their keys; `after` is the key of the last row of the previous page. */
  accounts(page: Page<AccountId>): Promise<AccountRecord[]>
  /** Deleted ones are left out; `account`: those of one account. */
  characters(page: Page<CharacterId> & { account?: AccountId }): Promise<CharacterSummary[]>
  character(character: CharacterId): Promise<CharacterSummary | undefined>
  /** Each pair once, its smaller id first; `character`: those of one character. */
  friendships(page: Page<readonly [CharacterId, CharacterId]> & { character?: CharacterId }): Promise<StudioFriendship[]>
  /** `account`: those that one account has made. */
  blocks(page: Page<readonly [AccountId, AccountId]> & { account?: AccountId }): Promise<StudioBlock[]>
  guilds(page: Page<GuildId>): Promise<{ guild: GuildId; name: string }[]>
  roster(guild: GuildId): Promise<{ guild: GuildId; name: string; members: { character: CharacterId; rank: GuildRank }[] } | undefined>
}

export interface Page<Key> {
  after?: Key
  limit: number
}

export interface StudioFriendship {
  characters: [CharacterId, CharacterId]
  since: Instant
}

export interface StudioBlock {
  account: AccountId
  blockedAccount: AccountId
  /** The character that was named; the block holds for all characters of both accounts. */
  blocked: CharacterId
  since: Instant
}
