import type { MapCensus } from '../../model/census.ts'
import type { Instant } from '../../model/clock.ts'
import { fleetsOf } from '../../model/policy/policy.ts'
import type { PolicyCondition, PolicyObjectStatus } from '../../service/kubernetes/policyObject.ts'
import { isDeleted, nameOf, type ValidatedPolicy } from '../../service/kubernetes/policyObjects.ts'
import type { GameServer } from '../cluster/fleets.ts'

export interface PolicyStatusInput {
  validated: ValidatedPolicy
  /** Census of the map; undefined before its first copy. */
  census: MapCensus | undefined
  servers: readonly Pick<GameServer, 'fleet'>[]
  now: Instant
}

type Verdict = Pick<PolicyCondition, 'status' | 'reason' | 'message'>

/** The status of one MapPolicy object, which `kubectl get mappolicies` and `kubectl describe` show. */
export function statusOfPolicy(input: PolicyStatusInput): PolicyObjectStatus {
  const { validated, census } = input
  const { object, policy, spec } = validated
  const copies = [...(census?.copies.values() ?? [])]
  const inState = (...states: string[]): number => copies.filter(({ copy }) => states.includes(copy.state)).length
  return {
    observedGeneration: object.metadata?.generation ?? 0,
    copies: inState('open', 'opening'),
    closing: inState('closing'),
    players: copies.reduce((sum, { seats }) => sum + seats.size, 0),
    line: census?.waiting ?? 0,
    ...(policy === undefined ? {} : { policyVersion: policy.version, lastAccepted: spec }),
    conditions: [condition(input, 'Accepted', accepted(validated)), condition(input, 'Ready', ready(input, inState('open')))],
  }
}

function accepted({ object, policy, problem }: ValidatedPolicy): Verdict {
  if (problem === undefined) return { status: 'True', reason: 'Valid', message: `in force as version ${policy?.version ?? ''}` }
  const inForce =
    policy === undefined ? `no earlier policy of "${nameOf(object)}" is known, so the map has no policy` : `version ${policy.version} stays in force`
  return { status: 'False', reason: 'Invalid', message: `${problem}; ${inForce}` }
}

function ready({ validated: { object, policy }, servers }: PolicyStatusInput, open: number): Verdict {
  if (isDeleted(object))
    return {
      status: 'False',
      reason: 'Deleted',
      message: 'the object was deleted: the policy stays in force until nobody plays on the map and no copy is left',
    }
  if (policy === undefined) return { status: 'False', reason: 'NoPolicy', message: 'there is no valid policy' }
  if (policy.kind === 'instance') return { status: 'True', reason: 'OnDemand', message: 'instances are opened when a party asks for one' }
  const { min } = policy.copies
  if (open >= min) return { status: 'True', reason: 'CopiesOpen', message: `${open} open, at least ${min} wanted` }
  const fleets = fleetsOf(policy)
  if (!servers.some(({ fleet }) => fleets.includes(fleet)))
    return { status: 'False', reason: 'NoServer', message: `the fleet "${fleets.join('" or "')}" has no servers: does it exist in this namespace?` }
  return { status: 'False', reason: 'Opening', message: `${open} of at least ${min} copies open` }
}

function condition({ validated, now }: PolicyStatusInput, type: PolicyCondition['type'], verdict: Verdict): PolicyCondition {
  const known = validated.object.status?.conditions?.find((one) => one.type === type)
  const since = known?.status === verdict.status ? known.lastTransitionTime : `${new Date(now).toISOString().slice(0, 19)}Z`
  return { type, ...verdict, observedGeneration: validated.object.metadata?.generation ?? 0, lastTransitionTime: since }
}
