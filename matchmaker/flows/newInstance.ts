import type { DurationMs } from '../../model/clock.ts'
import { StrataError } from '../../model/errors.ts'
import type { PlacementRequest } from '../../model/placement/placement.ts'
import type { MapPolicy } from '../../model/policy/policy.ts'
import type { SocialProfile } from '../../store/store.ts'
import { mapOf, type Parts } from '../parts.ts'
import { refuse } from '../placement/refuse.ts'

/** How long a request for a new instance stays pending, in ms. A repeated request within this time counts once. */
const PENDING_MS: DurationMs = 120_000

/**
 * Counts the request for a new instance. A party without an open instance waits in line, and the orchestrator opens one for each waiting party.
 * Returning to the party's own instance is not counted. Throws INSTANCE_LIMIT.
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
