import type { DurationMs } from '../../model/clock.ts'
import type { AccountId, CharacterId } from '../../model/ids.ts'

/** Whom a character is friends with, and with whom it shares nothing. A source may know characters, accounts, or both. */
export interface Relations {
  friends: readonly CharacterId[]
  friendAccounts: readonly AccountId[]
  /** A block in either direction. */
  blocked: readonly CharacterId[]
  blockedAccounts: readonly AccountId[]
}

export const noRelations: Relations = { friends: [], friendAccounts: [], blocked: [], blockedAccounts: [] }

export interface Person {
  character: CharacterId
  account: AccountId
}

/**
 * Where friendships and further blocks come from, for a studio whose social graph lives elsewhere. Friends come from the source alone; the blocks of the table
 * `blocks` count besides its own. Without a source only the tables count.
 */
export interface SocialSource {
  /**
   * Never throws, and answers within its own deadline. A character that the source does not know has no relations. `ageMs`: a kept answer that is not older is
   * used; without it, the source decides.
   */
  relationsOf(people: readonly Person[], options?: { ageMs?: DurationMs }): Promise<ReadonlyMap<CharacterId, Relations>>
  /** Calls `listener` with characters whose relations differ from those that `relationsOf` returned last. Returns the function that unsubscribes. */
  onChange(listener: (characters: readonly CharacterId[]) => void): () => void
}
