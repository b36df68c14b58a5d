import { z } from 'zod'
import { mapPolicySchema } from '../../model/policy/schema.ts'
import { crossRules } from './crossRules.ts'
import { type JsonSchema, toStructural } from './structural.ts'

const condition: JsonSchema = {
  type: 'object',
  required: ['type', 'status', 'lastTransitionTime', 'reason', 'message'],
  properties: {
    type: { type: 'string' },
    status: { type: 'string', enum: ['True', 'False', 'Unknown'] },
    observedGeneration: { type: 'integer', format: 'int64' },
    lastTransitionTime: { type: 'string', format: 'date-time' },
    reason: { type: 'string' },
    message: { type: 'string' },
  },
}

const status: JsonSchema = {
  type: 'object',
  description: 'Status of the map, written by the orchestrator.',
  properties: {
    observedGeneration: { type: 'integer', format: 'int64', description: 'Generation of the spec that was last accepted or refused.' },
    copies: { type: 'integer', description: 'Number of open and opening copies.' },
    closing: { type: 'integer', description: 'Number of closing copies.' },
    players: { type: 'integer', description: 'Number of held and taken seats.' },
    line: { type: 'integer', description: 'Number of players in line.' },
    policyVersion: { type: 'string', description: 'Version of the policy, as stored in decisions.' },
    lastAccepted: {
      type: 'object',
      description: 'The last accepted spec. It stays in force while a newer spec is invalid.',
      'x-kubernetes-preserve-unknown-fields': true,
    },
    conditions: { type: 'array', items: condition, 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['type'] },
  },
}

const column = (name: string, type: string, jsonPath: string, priority = 0) => ({ name, type, jsonPath, ...(priority === 0 ? {} : { priority }) })

/** The CustomResourceDefinition `mappolicies.strata.dev`, generated from the schema that also checks local files. */
export function mapPolicyCrd(): Record<string, unknown> {
  // zod's type of a JSON Schema is wider than what it produces for `mapPolicySchema`.
  const written = toStructural(z.toJSONSchema(mapPolicySchema, { io: 'input' }) as JsonSchema)
  const spec = { ...written.properties?.['spec'], 'x-kubernetes-validations': crossRules }
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'mappolicies.strata.dev' },
    spec: {
      group: 'strata.dev',
      scope: 'Namespaced',
      names: { kind: 'MapPolicy', listKind: 'MapPolicyList', plural: 'mappolicies', singular: 'mappolicy', shortNames: ['mp'], categories: ['strata'] },
      versions: [
        {
          name: 'v1alpha1',
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: [
            column('Players', 'integer', '.status.players'),
            column('Copies', 'integer', '.status.copies'),
            column('Closing', 'integer', '.status.closing'),
            column('Line', 'integer', '.status.line'),
            column('Soft', 'integer', '.spec.capacity.soft'),
            column('Hard', 'integer', '.spec.capacity.hard'),
            column('Fleet', 'string', '.spec.fleet'),
            column('Accepted', 'string', '.status.conditions[?(@.type=="Accepted")].status'),
            column('Ready', 'string', '.status.conditions[?(@.type=="Ready")].status'),
            column('Age', 'date', '.metadata.creationTimestamp'),
            column('Version', 'string', '.status.policyVersion', 1),
            column('Reason', 'string', '.status.conditions[?(@.type=="Accepted")].message', 1),
          ],
          schema: {
            openAPIV3Schema: {
              type: 'object',
              description: 'Policy of one map: capacity, when copies open and merge, and how players are placed.',
              required: ['spec'],
              properties: { apiVersion: { type: 'string' }, kind: { type: 'string' }, metadata: { type: 'object' }, spec, status },
            },
          },
        },
      ],
    },
  }
}
