import type { Instant } from '../../model/clock.ts'
import { defined } from '../../model/defined.ts'
import type { Region } from '../../model/ids.ts'
import type { PlacementRequest } from '../../model/placement/placement.ts'
import type { SocialProfile } from '../../store/store.ts'
import type { Destination } from './destination.ts'
import { memberOf } from './members.ts'

/** The placement request of a group. The asker stands first. */
export function requestFor(
  group: readonly SocialProfile[],
  { policy, copy, asCompany, instanceKey }: Destination,
  { protocol, latencyMs, region }: { protocol: number; latencyMs?: Readonly<Record<Region, number>> | undefined; region?: Region | undefined },
  now: Instant,
): PlacementRequest {
  const members = group.map((profile) => memberOf(profile, policy, now))
  return defined({ map: policy.map, members, protocol, party: group[0]?.party, instanceKey, copy, asCompany, latencyMs, region })
}
