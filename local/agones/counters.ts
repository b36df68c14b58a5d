/** A Counter of a GameServer (Agones, beta): 0 ≤ count ≤ capacity. */
export interface Counter {
  count: number
  capacity: number
}

/** The change of one `UpdateCounter` call: exactly one of the three fields. */
export type CounterUpdate = { countDiff: number } | { count: number } | { capacity: number }

/** Throws with the error text of Agones' sidecar when the count would leave [0, capacity]. A capacity below the count also reduces the count. */
export function updateCounter({ count, capacity }: Counter, update: CounterUpdate): Counter {
  if ('capacity' in update) {
    if (update.capacity < 0) throw new RangeError(`out of range. Capacity must be greater than or equal to 0. Found Capacity: ${update.capacity}`)
    return { count: Math.min(count, update.capacity), capacity: update.capacity }
  }
  const next = 'count' in update ? update.count : count + update.countDiff
  if (!Number.isInteger(next) || next < 0 || next > capacity) {
    throw new RangeError(`out of range. Count must be within range [0,Capacity]. Found Count: ${next}, Capacity: ${capacity}`)
  }
  return { count: next, capacity }
}
