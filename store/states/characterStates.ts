import type { CharacterId, Epoch } from '../../model/ids.ts'

/** Names one saved state of a character. Versions are compared by `epoch`, then by `revision`. */
export interface StateVersion {
  /** The right to write with which it was saved: it grows with each claim. */
  epoch: Epoch
  /** Number of the save within the epoch. */
  revision: number
}

/**
 * Storage of a game for the states of its characters. It keeps versions and decides nothing: PostgreSQL says which version is the current one, in the same UPDATE
 * that checks the epoch. A server that has lost a character may therefore still write, and what it writes is never read.
 */
export interface CharacterStates {
  /** Stores the states. When it resolves, `load` finds them on every machine, also after a crash. A version is written once, or again with the same state. */
  write(saves: readonly { character: CharacterId; version: StateVersion; state: unknown }[]): Promise<void>
  /** The state of this version. Throws when there is none. */
  load(character: CharacterId, version: StateVersion): Promise<unknown>
  /** Deletes the versions of the character below `before`, except `keep`. May be repeated, and may be late. */
  forget(character: CharacterId, before: StateVersion, keep?: StateVersion): Promise<void>
}
