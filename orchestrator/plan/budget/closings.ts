import { CONSTANTS } from '../../../score/constants.ts'

/** What closing copies has cost so far. */
export interface Closings {
  copies: number
  /** Characters moved out of closing copies. */
  moves: number
  /** Time that copies spent in the state `closing`, in copy-hours. */
  copyHours: number
}

export const noClosings: Closings = { copies: 0, moves: 0, copyHours: 0 }

/** Adds what closing copies has cost since. */
export function addClosings(known: Closings, { copies = 0, moves = 0, copyHours = 0 }: Partial<Closings>, { closingsRemembered } = CONSTANTS): Closings {
  const sum = { copies: known.copies + copies, moves: known.moves + moves, copyHours: known.copyHours + copyHours }
  return sum.copies <= closingsRemembered ? sum : { copies: sum.copies / 2, moves: sum.moves / 2, copyHours: sum.copyHours / 2 }
}

/** Mean cost of closing one copy. */
export function costOfClosing(
  { copies, moves, copyHours }: Closings,
  { closingsKnown, movesPerClosing, hoursPerClosing } = CONSTANTS,
): { moves: number; copyHours: number } {
  const count = closingsKnown + Math.max(0, copies)
  return { moves: (closingsKnown * movesPerClosing + moves) / count, copyHours: (closingsKnown * hoursPerClosing + copyHours) / count }
}
