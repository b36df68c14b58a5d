/** What closing copies has cost so far. */
export interface Closings {
  copies: number
  /** Characters moved out of closing copies. */
  moves: number
  /** Time that copies spent in the state `closing`, in copy-hours. */
  copyHours: number
}

export const noClosings: Closings = { copies: 0, moves: 0, copyHours: 0 }

/** Prior: closings of the recorded day, with the weight of twenty, so that the first one does not decide. */
const PRIOR: Closings = { copies: 20, moves: 120, copyHours: 12 }
/** From this many closings on, older ones count half. */
const MOST_COPIES = 400

/** Adds what closing copies has cost since. */
export function addClosings(known: Closings, { copies = 0, moves = 0, copyHours = 0 }: Partial<Closings>): Closings {
  const sum = { copies: known.copies + copies, moves: known.moves + moves, copyHours: known.copyHours + copyHours }
  return sum.copies <= MOST_COPIES ? sum : { copies: sum.copies / 2, moves: sum.moves / 2, copyHours: sum.copyHours / 2 }
}

/** Mean cost of closing one copy. */
export function costOfClosing({ copies, moves, copyHours }: Closings): { moves: number; copyHours: number } {
  const count = PRIOR.copies + Math.max(0, copies)
  return { moves: (PRIOR.moves + moves) / count, copyHours: (PRIOR.copyHours + copyHours) / count }
}
