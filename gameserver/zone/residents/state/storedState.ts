import { defined } from '../../../../model/defined.ts'
import type { LostTrust } from '../../../../model/fairness.ts'
import type { Claim } from '../../../../store/store.ts'

/**
 * The state of a character as stored: the game's own state, and the number of the last input that it contains. Both are saved together, so that the
 * destination of a move knows which inputs it still has to apply (rule M5). The trust score is here, too, so that no move and no login restores it.
 */
export interface StoredState {
  lastInput: number
  game: unknown
  /** Absent: the character never cheated, or a release without the trust score saved it. */
  lostTrust?: LostTrust
}

export function toStored(game: unknown, lastInput: number, lostTrust?: LostTrust): StoredState {
  return { lastInput, game, ...defined({ lostTrust }) }
}

/** `game` is undefined for a character that has never played. */
export function fromStored({ state }: Claim): StoredState {
  if (state === null || state === undefined) return { lastInput: 0, game: undefined }
  const stored = state as StoredState // only toStored writes this column
  return { lastInput: stored.lastInput, game: stored.game, ...defined({ lostTrust: stored.lostTrust }) }
}
