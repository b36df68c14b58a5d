import type { MapName } from '../../model/ids.ts'
import { type MapPolicy, type Policies, toMapPolicy } from '../../model/policy/policy.ts'
import { mapPolicySchema } from '../../model/policy/schema.ts'
import { MAPS } from './scenario.ts'

export const FLEET = 'overworld'

/** Soft and hard cap by map. Where they are the same a seat too many shows at once. */
const ROOMY: readonly (readonly [number, number])[] = [
  [4, 6],
  [3, 4],
]
const TIGHT: readonly (readonly [number, number])[] = [
  [3, 3],
  [2, 2],
]

/** Small caps and short times: lines, merges and full copies come up within half a minute. */
function policyOf(map: MapName, index: number, tight: boolean): MapPolicy {
  const [soft, hard] = (tight ? TIGHT : ROOMY)[index] ?? [4, 6]
  const capacity = { soft, hard, company: hard - soft }
  const spec = {
    fleet: FLEET,
    capacity,
    copies: { min: 1, max: index === 0 && !tight ? 3 : 2 },
    open: { above: '75%', patience: '0s', leadTime: '2s' },
    merge: { below: '60%', into: '100%', minAge: '4s', deadline: '12s' },
    moves: { perMinute: 600, perPlayerEvery: '5s' },
    queue: { max: 50, grace: '20s' },
    seat: { hold: '8s' },
  }
  return toMapPolicy(mapPolicySchema.parse({ apiVersion: 'strata.dev/v1alpha1', kind: 'MapPolicy', metadata: { name: map }, spec }), `${map}-v1`)
}

export const simPolicies = (tight: boolean): Policies => new Map(MAPS.map((map, index) => [map, policyOf(map, index, tight)]))
