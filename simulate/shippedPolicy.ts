import { type MapPolicy, type Policies, toMapPolicy } from '../model/policy/policy.ts'
import { mapPolicySchema } from '../model/policy/schema.ts'
import { isLayered, mapNameOf, type Trace } from './population/trace.ts'

/**
 * The default policy: the schema's defaults plus a capacity. The schema has no default capacity, because only the game knows how many players its servers can
 * hold.
 */
export function shippedPolicy(map: string): MapPolicy {
  const document = mapPolicySchema.parse({
    apiVersion: 'strata.dev/v1alpha1',
    kind: 'MapPolicy',
    metadata: { name: map },
    spec: { fleet: 'overworld', capacity: { soft: 98, hard: 100, company: 1 } },
  })
  return toMapPolicy(document, 'shipped')
}

/** One policy per layered map of the day: the designer's, found by map name or zone id, or the shipped policy. */
export function policiesFor(trace: Trace, own: Policies = new Map()): Map<string, MapPolicy> {
  const policies = new Map<string, MapPolicy>()
  for (const zone of trace.zones.values()) {
    if (!isLayered(zone)) continue
    const map = mapNameOf(zone)
    policies.set(map, own.get(map) ?? own.get(String(zone.id)) ?? shippedPolicy(map))
  }
  return policies
}
