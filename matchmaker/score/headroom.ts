import type { CopyCensus } from '../../model/census.ts'
import type { Instant } from '../../model/clock.ts'
import type { MapPolicy } from '../../model/policy/policy.ts'

/** Could any reserve be felt? Where even the whole of `company` fits above soft, strangers stop at soft anyhow. */
export function headroomMatters({ capacity }: MapPolicy): boolean {
  return capacity.hard - capacity.company < capacity.soft
}

/**
 * Seats that strangers leave free in a copy: for company of those inside that was online when they came, and less with each
 * half-life that it does not. Never for who is absent: a copy that keeps seats for people who may never come is the bar that sends
 * guests away at five of fifty (notes/megaservers.md §1.1). At most `capacity.company`.
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

/** Up to here strangers are placed in this copy (rule P3: never above soft). */
export function strangersLimit(copy: CopyCensus, policy: MapPolicy, now: Instant, newcomers: number): number {
  const { soft, hard, company } = policy.capacity
  const limit = Math.min(soft, hard)
  // The seats are only counted where the answer could differ.
  if (!headroomMatters(policy) || copy.seats.size + newcomers <= hard - company) return limit
  return Math.min(limit, hard - reserveOf(copy, policy, now))
}
