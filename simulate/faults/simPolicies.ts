import type { MapName } from '../../model/ids.ts'
import { type MapPolicy, type Policies, toMapPolicy } from '../../model/policy/policy.ts'
import { mapPolicySchema } from '../../model/policy/schema.ts'
import { MAPS } from './scenario.ts'

export const FLEET = 'overworld'

/** Small caps and short times: lines, merges and full copies come up within half a minute. */
function policyOf(map: MapName, index: number): MapPolicy {
  const capacity = index === 0 ? { soft: 4, hard: 6, company: 2 } : { soft: 3, hard: 4, company: 1 }
  const spec = {
    fleet: FLEET,
    capacity,
    copies: { min: 1, max: index === 0 ? 3 : 2 },
    open: { above: '75%', leadTime: '2s' },
    merge: { below: '60%', into: '100%', minAge: '4s', deadline: '12s' },
    moves: { perMinute: 600, perPlayerEvery: '5s' },
    queue: { max: 50, grace: '20s' },
    seat: { hold: '8s' },
  }
  return toMapPolicy(mapPolicySchema.parse({ apiVersion: 'strata.dev/v1alpha1', kind: 'MapPolicy', metadata: { name: map }, spec }), `${map}-v1`)
}

export const simPolicies = (): Policies => new Map(MAPS.map((map, index) => [map, policyOf(map, index)]))
