import type { Instant } from '../../model/clock.ts'
import type { PlacementRequest } from '../../model/placement.ts'
import type { SocialProfile } from '../../store/store.ts'
import type { Destination } from './destination.ts'
import type { EnterWish } from './enter.ts'
import { memberOf } from './people.ts'

/** What a group asks of the placer; whoever asks for all stands first. */
export function requestFor(
  group: readonly SocialProfile[],
  { policy, copy, asCompany }: Destination,
  { protocol, latencyMs, region }: Pick<EnterWish, 'protocol' | 'latencyMs' | 'region'>,
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
