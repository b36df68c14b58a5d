import type { DurationMs } from '../../model/clock.ts'
import { StrataError } from '../../model/errors.ts'
import type { PlacementRequest } from '../../model/placement/placement.ts'
import type { MapPolicy } from '../../model/policy/policy.ts'
import type { SocialProfile } from '../../store/store.ts'
import { mapOf, type Parts } from '../parts.ts'
import { refuse } from '../placement/refuse.ts'

/** A place in line asks for the instance; until it is there, or this has passed, asking again is the same request. */
const PENDING_MS: DurationMs = 120_000

/**
 * Whoever enters an instance that their party does not have yet waits in line for it, and the orchestrator opens one for each party
 * that waits. Here the opening is counted. Throws INSTANCE_LIMIT. A party finds the instance that it has, however often it comes back.
 */
export async function countNewInstance(parts: Parts, { party, partyMembers }: SocialProfile, policy: MapPolicy, request: PlacementRequest): Promise<void> {
  if (policy.kind !== 'instance' || party === undefined) return
  for (const { copy } of mapOf(parts.world.census(), policy.map).copies.values()) if (copy.party === party && copy.state !== 'lost') return
  const now = parts.clock.now()
  const { perHour } = policy.instance
  const from = await parts.store.countInstance({ map: policy.map, party, members: partyMembers, perHour, pendingMs: PENDING_MS, now })
  if (from === undefined) return
  const error = new StrataError('INSTANCE_LIMIT', { limit: perHour, seconds: Math.max(1, Math.ceil((from - now) / 1000)) })
  throw refuse(parts, request, policy, { error })
}
