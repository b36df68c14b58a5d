import { type MapPolicy, toMapPolicy } from '../../../model/policy/policy.ts'
import { mapPolicySchema } from '../../../model/policy/schema.ts'

/** A policy for the planner's tests, with small caps and short times. `spec`: policy fields in the form of the YAML file. */
export function toyPolicy(spec: Record<string, unknown> = {}): MapPolicy {
  const document = mapPolicySchema.parse({
    apiVersion: 'strata.dev/v1alpha1',
    kind: 'MapPolicy',
    metadata: { name: 'forest' },
    spec: {
      fleet: 'overworld',
      capacity: { soft: 40, hard: 50, company: 10 },
      open: { leadTime: '3s', above: '75%', patience: '0s' },
      merge: { below: '40%', into: '85%', minAge: '10s', cancelAbove: '55%', patience: '0s', deadline: '1m' },
      moves: { perMinute: 600 },
      ...spec,
    },
  })
  return toMapPolicy(document, 'v1')
}
