import type { Claim } from '../../../store/store.ts'

/**
 * What the store keeps of a character: the game's own state, and the last input that is in it. They are written in one
 * piece, so that the destination of a move knows which inputs are still to be applied (rule M5).
 */
interface StoredState {
  lastInput: number
  game: unknown
}

export function toStored(game: unknown, lastInput: number): StoredState {
  return { lastInput, game }
}

/** `game` is undefined for a character that never played. */
export function fromStored({ state }: Claim): { lastInput: number; game: unknown } {
  if (state === null || state === undefined) return { lastInput: 0, game: undefined }
  const stored = state as StoredState // written by toStored only
  return { lastInput: stored.lastInput, game: stored.game }
}
