import type { GuildRank } from '../../model/economy.ts'
import type { ErrorCode } from '../../model/errors.ts'
import type { AccountId, Attributes, CharacterId, GuildId, Language } from '../../model/ids.ts'

/** One record that a studio's back end wants to be true. Repeating a line changes nothing. */
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
  /** With `members` the roster is replaced: who is not named leaves the guild. */
  | { kind: 'guild'; guild: GuildId; name: string; members?: readonly { character: CharacterId; rank: GuildRank }[] }
  | { kind: 'friendship'; characters: readonly [CharacterId, CharacterId]; remove?: boolean }
  | { kind: 'block'; character: CharacterId; blocked: CharacterId; remove?: boolean }

export type LineResult = { ok: true } | { ok: false; code: ErrorCode; message: string }

/** The studio's own truth about its players, written by its back end. */
export interface Studio {
  /** Applies lines in their order; neighbours of one kind go into one statement. One result per line: a refused line leaves the others as they are. */
  apply(lines: readonly StudioLine[]): Promise<LineResult[]>
}
