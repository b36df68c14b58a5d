import type { DurationMs } from '../../../model/clock.ts'

/** What closing copies has cost so far. */
export interface Closings {
  copies: number
  /** Characters moved out of closing copies. */
  moves: number
  /** Time that copies spent in the state `closing`, in copy-hours. */
  copyHours: number
}

export const noClosings: Closings = { copies: 0, moves: 0, copyHours: 0 }

const HOUR_MS: DurationMs = 3_600_000
/** Prior: closings of the recorded day, with the weight of twenty, so that the first one does not decide. */
const PRIOR: Closings = { copies: 20, moves: 120, copyHours: 12 }
/** From this many closings on, older ones count half. */
const MOST_COPIES = 400

/** Adds what was seen within `ms`: `closing` copies were closing, and the round closed `copies` more and ordered `moves` out of closing copies. */
export function addClosings(known: Closings, { ms, closing, copies, moves }: { ms: DurationMs; closing: number; copies: number; moves: number }): Closings {
  const sum = { copies: known.copies + copies, moves: known.moves + moves, copyHours: known.copyHours + (closing * ms) / HOUR_MS }
  return sum.copies <= MOST_COPIES ? sum : { copies: sum.copies / 2, moves: sum.moves / 2, copyHours: sum.copyHours / 2 }
}

/** Mean cost of closing one copy. */
export function costOfClosing({ copies, moves, copyHours }: Closings): { moves: number; copyHours: number } {
  const count = PRIOR.copies + Math.max(0, copies)
  return { moves: (PRIOR.moves + moves) / count, copyHours: (PRIOR.copyHours + copyHours) / count }
}
