import type { Instant } from '../../model/clock.ts'
import type { Region } from '../../model/ids.ts'
import type { PlacementRequest } from '../../model/placement/placement.ts'
import type { SocialProfile } from '../../store/store.ts'
import type { Destination } from './destination.ts'
import { memberOf } from './people.ts'

/** What a group asks of the placer; whoever asks for all stands first. */
export function requestFor(
  group: readonly SocialProfile[],
  { policy, copy, asCompany }: Destination,
  { protocol, latencyMs, region }: { protocol: number; latencyMs?: Readonly<Record<Region, number>> | undefined; region?: Region | undefined },
  now: Instant,
): PlacementRequest {
  const party = group[0]?.party
  return {
    map: policy.map,
    members: group.map((profile) => memberOf(profile, policy, now)),
    protocol,
    ...(party === undefined ? {} : { party }),
    ...(copy === undefined ? {} : { copy }),
    ...(asCompany === undefined ? {} : { asCompany }),
    ...(latencyMs === undefined ? {} : { latencyMs }),
    ...(region === undefined ? {} : { region }),
  }
}
