import type { CopyCensus } from '../model/census.ts'
import type { Instant } from '../model/clock.ts'
import type { MapPolicy } from '../model/policy/policy.ts'

/** Whether a reserve can change a limit. When all of `company` fits above the soft cap, strangers stop at the soft cap anyway. */
export function headroomMatters({ capacity }: MapPolicy): boolean {
  return capacity.hard - capacity.company < capacity.soft
}

/**
 * Seats that strangers leave free in a copy for companions of the players inside. Counts companions who were online when the player arrived; the
 * number halves with each half-life that they do not come. Absent companions are not counted: a copy that keeps seats for people who may never come
 * turns guests away while it is nearly empty. At most `capacity.company`.
 */
export function reserveOf({ seats }: CopyCensus, { capacity }: MapPolicy, now: Instant): number {
  let expected = 0
  for (const seat of seats.values()) {
    if (seat.expects === undefined) continue
    const age = seat.state === 'taken' ? Math.max(0, now - seat.since) : 0
    expected += seat.expects * 2 ** (-age / capacity.headroom.halfLifeMs)
  }
  return Math.min(capacity.company, Math.round(expected))
}

/** The number of players up to which strangers are placed in this copy (rule P3: never above the soft cap). */
export function strangersLimit(copy: CopyCensus, policy: MapPolicy, now: Instant, newcomers: number): number {
  const { soft, hard, company } = policy.capacity
  const limit = Math.min(soft, hard)
  // Counts the seats only where the reserve could change the result.
  if (!headroomMatters(policy) || copy.seats.size + newcomers <= hard - company) return limit
  return Math.min(limit, hard - reserveOf(copy, policy, now))
}
