import { stringify } from 'yaml'
import { z } from 'zod'
import { containerOf, resourcesOf } from './containers.ts'
import type { Value } from './expressions.ts'
import { objectsOf } from './sources.ts'

const text = z.string()
const count = z.number().int().min(0)
/** Variables as in a container: `{ name, value }` or `{ name, valueFrom }`. They are added to those of the chart. */
const env = z.array(z.looseObject({ name: text }))
const resources = z.looseObject({})
const annotations = z.record(text, text)

/** Values of the chart. An unknown key is an error, so that a misspelt one is noticed. */
export const valuesSchema = z.strictObject({
  global: z.looseObject({}).optional(),
  image: z.strictObject({ repository: text.min(1), tag: text, pullPolicy: z.enum(['', 'Always', 'IfNotPresent', 'Never']) }),
  imagePullSecrets: z.array(z.strictObject({ name: text })),
  settings: z.record(text, text),
  clusterObjects: z.boolean(),
  networkPolicies: z.boolean(),
  migrate: z.boolean(),
  matchmaker: z.strictObject({
    env,
    resources,
    replicas: count,
    autoscaling: z.strictObject({ enabled: z.boolean(), minReplicas: count.min(1), maxReplicas: count.min(1) }),
    ingress: z.strictObject({ enabled: z.boolean(), className: text, host: text, tlsSecret: text, annotations }),
  }),
  orchestrator: z.strictObject({ env, resources, replicas: count }),
  fleet: z.strictObject({
    enabled: z.boolean(),
    image: text,
    args: z.array(text),
    env,
    resources,
    tls: z.strictObject({ enabled: z.boolean(), secret: text }),
  }),
})

const indented = (value: unknown): string => stringify(value).trimEnd().replaceAll(/^/gm, '    ')

function autoscaler(): Value {
  const found = objectsOf('k8s/base/matchmaker.yaml').find((object) => object['kind'] === 'HorizontalPodAutoscaler')
  if (found === undefined) throw new Error('k8s/base/matchmaker.yaml has no HorizontalPodAutoscaler')
  return found['spec'] as Value
}

/** Default values: those of k8s/base. */
export function valuesText(): string {
  const { minReplicas, maxReplicas } = autoscaler()
  return `# One image for all processes. Without a tag: the version of the chart.
image:
  repository: strata
  tag: ""
  pullPolicy: ""
imagePullSecrets: []

# Settings of all processes (docs/reference/settings.md). A changed setting takes effect at the next roll-out.
settings:
  LOG_LEVEL: info

# Objects without a namespace: PriorityClasses and the ClusterRole of designers. Only one release of a cluster may have them.
clusterObjects: true
networkPolicies: true

# Migrates the database before an installation and before each upgrade. Needs the Secret strata-migrate.
migrate: true

matchmaker:
  env: []
  resources:
${indented(resourcesOf('k8s/base/matchmaker.yaml'))}
  # Without autoscaling.
  replicas: 1
  autoscaling:
    enabled: true
    minReplicas: ${minReplicas}
    maxReplicas: ${maxReplicas}
  ingress:
    enabled: false
    className: ""
    host: ""
    tlsSecret: strata-api-tls
    annotations: {}

orchestrator:
  env: []
  resources:
${indented(resourcesOf('k8s/base/orchestrator.yaml'))}
  replicas: 2

fleet:
  enabled: true
  # The image of your game, with its tag; empty: the image above.
  image: ""
  args:
${indented(containerOf('fleets/overworld.fleet.yaml')['args'])}
  env: []
  resources:
${indented(resourcesOf('fleets/overworld.fleet.yaml'))}
  # Game servers terminate TLS with this certificate (type kubernetes.io/tls).
  tls:
    enabled: false
    secret: strata-players-tls
`
}
