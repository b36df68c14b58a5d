import { StrataError } from '../../model/errors.ts'
import type { PlacementRequest, Ranking } from '../../model/placement/placement.ts'
import type { MapPolicy } from '../../model/policy/policy.ts'
import type { Filter } from '../../score/eligibility.ts'
import { newestState } from '../../score/signals.ts'

/** The error to refuse with when no seat that becomes free could help; undefined when waiting can help. */
export function cannotBeServed(request: PlacementRequest, { candidates }: Ranking, policy: MapPolicy): StrataError | undefined {
  const reasons = candidates.map(({ filtered }) => filtered as Filter | undefined) // the scorer only writes values of type Filter
  if (request.copy !== undefined) {
    const reason = candidates.find(({ copy }) => copy === request.copy)
    switch (reason?.filtered as Filter | undefined) {
      case 'party elsewhere':
        return new StrataError('PARTY_ELSEWHERE')
      case 'not open':
      case 'closing':
      case 'draining':
      case 'other party':
      case 'other key':
        return new StrataError('COPY_UNKNOWN', { copy: request.copy })
      default:
        if (reason === undefined) return new StrataError('COPY_UNKNOWN', { copy: request.copy })
    }
  }
  const considered = reasons.filter((reason) => reason !== 'not open' && reason !== 'other copy')
  // A draining copy will not accept anybody again, so it is no reason to wait.
  const staying = considered.filter((reason) => reason !== 'draining')
  if (allAre(staying, 'protocol')) return new StrataError('PROTOCOL_UNSUPPORTED', { version: request.protocol })
  if (allAre(staying, 'state version')) return new StrataError('STATE_TOO_NEW', { version: newestState(request) })
  if (allAre(considered, 'region', 'latency')) return new StrataError('REGION_UNAVAILABLE')
  if (request.members.length > policy.capacity.hard) return new StrataError('PARTY_FULL', { limit: policy.capacity.hard })
  return undefined
}

function allAre(reasons: readonly (Filter | undefined)[], ...which: Filter[]): boolean {
  return reasons.length > 0 && reasons.every((reason) => reason !== undefined && which.includes(reason))
}
