import { podOf } from './containers.ts'
import { expression, items, mapping, templateText, type Value, when } from './expressions.ts'
import { objectsOf } from './sources.ts'

const image = expression('include "strata.image" .')

/** Sets a value below an object that `objectsOf` has just made. */
function put(object: Value | undefined, key: string, value: unknown): void {
  if (object === undefined) throw new Error(`there is no place for ${key}`)
  object[key] = value as Value // any value of a manifest
}

/** Replaces what overlays change by values of the chart: image, environment, resources. */
function parametrize(object: Value, values: string | undefined): Value {
  const pod = podOf(object)
  if (pod === undefined) return object
  put(pod, 'imagePullSecrets', mapping('.Values.imagePullSecrets'))
  const [container] = [...(pod['containers'] ?? [])]
  put(container, 'image', object['kind'] === 'Fleet' ? expression('.Values.fleet.image | default (include "strata.image" .)') : image)
  put(container, 'imagePullPolicy', expression('.Values.image.pullPolicy'))
  if (values === undefined) return object
  put(container, 'env', [...(container?.['env'] ?? []), items(`.Values.${values}.env`)])
  put(container, 'resources', mapping(`.Values.${values}.resources`))
  return object
}

const documents = (objects: readonly Value[]): string => objects.map(templateText).map(optionalFields).join('---\n')

/** Empty values leave their fields out: `imagePullPolicy: ""` would be another object than none. */
function optionalFields(text: string): string {
  return text
    .replaceAll(/^( *)imagePullPolicy: .*$/gm, '$1{{- with .Values.image.pullPolicy }}\n$1imagePullPolicy: {{ . }}\n$1{{- end }}')
    .replaceAll(/^( *)imagePullSecrets:\n(.*)$/gm, '$1{{- with .Values.imagePullSecrets }}\n$1imagePullSecrets: {{ toJson . }}\n$1{{- end }}')
}

function matchmaker(): string {
  const objects = objectsOf('k8s/base/matchmaker.yaml').map((object) => parametrize(object, 'matchmaker'))
  const autoscaler = objects.filter(({ kind }) => kind === 'HorizontalPodAutoscaler')
  const others = objects.filter((object) => !autoscaler.includes(object))
  for (const object of autoscaler)
    for (const key of ['minReplicas', 'maxReplicas']) put(object['spec'], key, expression(`.Values.matchmaker.autoscaling.${key}`))
  const replicas = '  {{- if not .Values.matchmaker.autoscaling.enabled }}\n  replicas: {{ .Values.matchmaker.replicas }}\n  {{- end }}\n'
  const text = documents(others).replace(/^spec:\n {2}strategy:/m, `spec:\n${replicas}  strategy:`)
  return `${text}---\n${when('.Values.matchmaker.autoscaling.enabled', documents(autoscaler))}`
}

function orchestrator(): string {
  const objects = objectsOf('k8s/base/orchestrator.yaml').map((object) => parametrize(object, 'orchestrator'))
  for (const object of objects) if (object['kind'] === 'Deployment') put(object['spec'], 'replicas', expression('.Values.orchestrator.replicas'))
  return documents(objects)
}

function migrate(): string {
  const objects = objectsOf('k8s/base/migrate.yaml').map((object) => parametrize(object, undefined))
  for (const object of objects) {
    const hook = { 'helm.sh/hook': 'pre-install,pre-upgrade', 'helm.sh/hook-delete-policy': 'before-hook-creation,hook-succeeded' }
    put(object['metadata'], 'annotations', hook)
    // The Job runs before the chart's PriorityClass exists. Helm deletes a finished Job itself.
    delete podOf(object)?.['priorityClassName']
    delete object['spec']?.['ttlSecondsAfterFinished']
  }
  return when('.Values.migrate', documents(objects))
}

function fleet(): string {
  const objects = ['fleets/overworld.fleet.yaml', 'fleets/overworld.autoscaler.yaml'].flatMap(objectsOf).map((object) => parametrize(object, 'fleet'))
  for (const object of objects) {
    const [container] = [...(podOf(object)?.['containers'] ?? [])]
    if (container !== undefined) put(container, 'args', mapping('.Values.fleet.args'))
    const service = object['spec']?.['policy']?.['webhook']?.['service']
    if (service !== undefined) put(service, 'namespace', expression('.Release.Namespace'))
  }
  return when('.Values.fleet.enabled', tlsOf(documents(objects)))
}

/** Adds what k8s/components/wss adds. */
function tlsOf(text: string): string {
  const only = (indent: string, ...lines: string[]): string =>
    [`${indent}{{- if .Values.fleet.tls.enabled }}`, ...lines.map((line) => `${indent}${line}`), `${indent}{{- end }}`, ''].join('\n')
  const list = ' '.repeat(16)
  const volumes = ' '.repeat(12)
  return text
    .replace(/^( *)\{\{- with \.Values\.fleet\.env \}\}$/m, `${only(list, '- { name: PUBLIC_SCHEME, value: wss }', '- { name: TLS_FOLDER, value: /tls }')}$&`)
    .replace(/^( *)readinessProbe:$/m, `${only(list, '- { name: tls, mountPath: /tls, readOnly: true }')}$&`)
    .replace(
      /^( *)- name: keys\n( *)secret:$/m,
      `${only(volumes, '- { name: tls, secret: { secretName: {{ .Values.fleet.tls.secret }}, defaultMode: 0440 } }')}$&`,
    )
}

function settings(): string {
  const metadata = { name: 'strata-settings', labels: { 'app.kubernetes.io/part-of': 'strata' } }
  return templateText({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: mapping('.Values.settings') })
}

function access(): string {
  const objects = objectsOf('k8s/base/rbac.yaml')
  // Kustomize adds the namespace of the overlay.
  for (const object of objects) for (const subject of object['subjects'] ?? []) put(subject, 'namespace', expression('.Release.Namespace'))
  const ofCluster = objects.filter(({ kind }) => kind === 'ClusterRole')
  return `${documents(objects.filter((object) => !ofCluster.includes(object)))}---\n${when('.Values.clusterObjects', documents(ofCluster))}`
}

/** The templates of the chart by name. The others in charts/strata/templates are written by hand. */
export const templates: Record<string, () => string> = {
  settings,
  access,
  matchmaker,
  orchestrator,
  migrate,
  fleet,
  priorities: () => when('.Values.clusterObjects', documents(objectsOf('k8s/base/priorities.yaml'))),
  network: () => when('.Values.networkPolicies', documents(objectsOf('k8s/base/network.yaml'))),
}
