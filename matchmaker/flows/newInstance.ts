import type { DurationMs } from '../../model/clock.ts'
import { defined } from '../../model/defined.ts'
import { StrataError } from '../../model/errors.ts'
import type { PlacementRequest } from '../../model/placement/placement.ts'
import { ownerId } from '../../model/policy/instanceKey.ts'
import type { MapPolicy } from '../../model/policy/policy.ts'
import type { SocialProfile } from '../../store/store.ts'
import { mapOf, type Parts } from '../parts.ts'
import { refuse } from '../placement/refuse.ts'

/** How long a request for a new instance stays pending, in ms. A repeated request within this time counts once. */
const PENDING_MS: DurationMs = 120_000

/**
 * Counts the request for a new instance. A party, or a key of the game, without an open instance waits in line, and the orchestrator opens one for it.
 * Returning to an instance that exists is not counted. Throws INSTANCE_LIMIT.
 */
export async function countNewInstance(parts: Parts, asker: SocialProfile, policy: MapPolicy, request: PlacementRequest): Promise<void> {
  const { instanceKey, party } = request
  const owner = ownerId(instanceKey === undefined ? defined({ party }) : { instanceKey })
  if (policy.kind !== 'instance' || owner === undefined) return
  for (const { copy } of mapOf(parts.world.census(), policy.map).copies.values()) if (ownerId(copy) === owner && copy.state !== 'lost') return
  const now = parts.clock.now()
  const { perHour } = policy.instance
  const members = asker.party === undefined ? [asker.character] : asker.partyMembers
  const from = await parts.store.countInstance({
    map: policy.map,
    party: instanceKey === undefined ? (party ?? '') : owner,
    members,
    perHour,
    pendingMs: PENDING_MS,
    now,
  })
  if (from === undefined) return
  const error = new StrataError('INSTANCE_LIMIT', { limit: perHour, seconds: Math.max(1, Math.ceil((from - now) / 1000)) })
  throw refuse(parts, request, policy, { error })
}
