import type { DurationMs } from '../../../model/clock.ts'

/** The golden ratio: multiples of it, without their whole part, spread evenly however many there are. */
const SPREAD = 0.618_034

/** Starts the loop of a room between the steps of the rooms before it, so that the steps of one process do not all begin at the same moment. */
export function startStaggered(roomsBefore: number, stepMs: DurationMs, start: () => void): NodeJS.Timeout | undefined {
  if (roomsBefore === 0) {
    start()
    return undefined
  }
  return setTimeout(start, ((roomsBefore * SPREAD) % 1) * stepMs)
}
