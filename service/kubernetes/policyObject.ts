import type { KubernetesObject } from '@kubernetes/client-node'
import { stringify } from 'yaml'
import type { MapName } from '../../model/ids.ts'
import { parsePolicies } from '../../model/policy/parse.ts'
import type { MapPolicy } from '../../model/policy/policy.ts'
import { versionOf } from '../policyFolder.ts'

export const POLICY_GROUP = 'strata.dev'
export const POLICY_VERSION = 'v1alpha1'
export const POLICY_PLURAL = 'mappolicies'

/** Names one MapPolicy object in calls of the API server. */
export function policyTarget(namespace: string, name: string) {
  return { group: POLICY_GROUP, version: POLICY_VERSION, plural: POLICY_PLURAL, namespace, name }
}

export interface PolicyCondition {
  type: 'Accepted' | 'Ready'
  status: 'True' | 'False'
  observedGeneration: number
  lastTransitionTime: string
  reason: string
  message: string
}

/** Status of a MapPolicy. The leading orchestrator writes it for people, and for processes that start later. */
export interface PolicyObjectStatus {
  observedGeneration?: number
  copies?: number
  closing?: number
  players?: number
  line?: number
  policyVersion?: string
  conditions?: PolicyCondition[]
  /** The last accepted spec. A process that starts while the current spec is invalid uses it (rule D4). */
  lastAccepted?: unknown
}

/** A MapPolicy object of the Kubernetes API. */
export interface PolicyObject extends KubernetesObject {
  spec?: unknown
  status?: PolicyObjectStatus
}

export type Validation = { policy: MapPolicy; spec: unknown } | { problem: string }

/** Validates a spec with the same rules as a local file. The API server's own validation covers only a part of them. */
export function validateSpec(map: MapName, spec: unknown): Validation {
  const version = versionOf(JSON.stringify(spec))
  const text = stringify({ apiVersion: `${POLICY_GROUP}/${POLICY_VERSION}`, kind: 'MapPolicy', metadata: { name: map }, spec })
  const { policies, problems } = parsePolicies(text, map, () => version)
  const [policy] = policies
  if (policy !== undefined && problems.length === 0) return { policy, spec }
  return { problem: problems.map(({ path, problem }) => (path === '' ? problem : `${path}: ${problem}`)).join('; ') }
}
