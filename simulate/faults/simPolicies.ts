import type { MapName } from '../../model/ids.ts'
import { type MapPolicy, toMapPolicy } from '../../model/policy/policy.ts'
import { mapPolicySchema } from '../../model/policy/schema.ts'
import { INSTANCE, MAPS } from './scenario.ts'

export const FLEET = 'overworld'

/** Soft and hard cap of each map. In the tight variant they are equal, so that one seat too many breaks rule S3 at once. */
const ROOMY: readonly (readonly [number, number])[] = [
  [4, 6],
  [3, 4],
]
const TIGHT: readonly (readonly [number, number])[] = [
  [3, 3],
  [2, 2],
]

/** Small caps and short times, so that lines, merges and full copies occur within half a minute. */
export function simPolicy(map: MapName, tight: boolean, { more = 0, max }: { more?: number; max?: number } = {}): MapPolicy {
  const index = MAPS.indexOf(map)
  const [softBefore, hardBefore] = (tight ? TIGHT : ROOMY)[index] ?? [4, 6]
  const [soft, hard] = [softBefore + more, hardBefore + more]
  const capacity = { soft, hard, company: hard - soft }
  const spec = {
    fleet: FLEET,
    capacity,
    copies: { min: 1, max: max ?? (index === 0 && !tight ? 3 : 2) },
    open: { above: '75%', patience: '0s', leadTime: '2s' },
    merge: { below: '60%', into: '100%', minAge: '4s', deadline: '12s' },
    moves: { perMinute: 600, perPlayerEvery: '5s' },
    queue: { max: 50, grace: '20s', idleRelease: '10s' },
    seat: { hold: '8s' },
  }
  return toMapPolicy(
    mapPolicySchema.parse({ apiVersion: 'strata.dev/v1alpha1', kind: 'MapPolicy', metadata: { name: map }, spec }),
    `${map}-v1-${more}-${max ?? ''}`,
  )
}

/** An instance map: one party per copy; a copy closes soon after the party has left. */
function instancePolicy(): MapPolicy {
  const spec = {
    fleet: FLEET,
    kind: 'instance',
    capacity: { soft: 3, hard: 3, company: 0 },
    copies: { min: 0, max: 4 },
    queue: { max: 50, grace: '20s' },
    seat: { hold: '8s' },
    instance: { closeAfter: '4s', perHour: 1000 },
  }
  const document = { apiVersion: 'strata.dev/v1alpha1', kind: 'MapPolicy', metadata: { name: INSTANCE }, spec }
  return toMapPolicy(mapPolicySchema.parse(document), `${INSTANCE}-v1`)
}

/** The policies of all maps. The map is changed in place, and every process reads the newest policy. */
export const simPolicies = (tight: boolean): Map<MapName, MapPolicy> =>
  new Map([...MAPS.map((map) => [map, simPolicy(map, tight)] as const), [INSTANCE, instancePolicy()]])
