import type { Claim } from '../../../../store/store.ts'

/**
 * The state of a character as stored: the game's own state, and the number of the last input that it contains. Both are saved together, so that the
 * destination of a move knows which inputs it still has to apply (rule M5).
 */
interface StoredState {
  lastInput: number
  game: unknown
}

export function toStored(game: unknown, lastInput: number): StoredState {
  return { lastInput, game }
}

/** `game` is undefined for a character that has never played. */
export function fromStored({ state }: Claim): { lastInput: number; game: unknown } {
  if (state === null || state === undefined) return { lastInput: 0, game: undefined }
  const stored = state as StoredState // only toStored writes this column
  return { lastInput: stored.lastInput, game: stored.game }
}
