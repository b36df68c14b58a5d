import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type {
  V1ConfigMapVolumeSource,
  V1Container,
  V1Pod,
  V1SecretProjection,
  V1SecretVolumeSource,
  V1Volume,
  V1VolumeProjection,
} from '@kubernetes/client-node'
import { type Api, ApiError } from './api.ts'
import { freePort } from './processes.ts'

/** Replaces a container's own network and file system: environment, arguments and ports of its process. */
export interface ContainerEnvironment {
  env: Record<string, string>
  args: string[]
  /** Port of this machine by containerPort. */
  ports: ReadonlyMap<number, number>
}

/** How a container names a Secret or a ConfigMap. */
interface Reference {
  name?: string
  optional?: boolean
}

type Values = Record<string, string>

/**
 * Environment, files and ports of one container on a shared host. A port of the manifest becomes a free port of this machine, in PORT and wherever a variable
 * holds it. A mounted Secret becomes a folder, wherever a variable or argument names its path.
 */
export async function prepareContainer(api: Api, pod: V1Pod, container: V1Container, folder: string): Promise<ContainerEnvironment> {
  const ports = new Map<number, number>()
  for (const { containerPort, hostPort } of container.ports ?? []) ports.set(containerPort, hostPort ?? (await freePort()))
  const mounts = await mount(api, pod, container, folder)
  const localized = (value: string): string => {
    const [path, place] = mounts.find(([mounted]) => value === mounted || value.startsWith(`${mounted}/`)) ?? []
    if (path !== undefined) return `${place}${value.slice(path.length)}`
    return ports.has(Number(value)) && value !== '' ? String(ports.get(Number(value))) : value
  }
  const env: Values = {}
  const [first] = ports.values()
  if (first !== undefined) env['PORT'] = String(first)
  for (const [name, value] of Object.entries(await variables(api, pod, container))) env[name] = localized(value)
  // No process listens on other interfaces.
  if (env['HOST'] !== undefined) env['HOST'] = '127.0.0.1'
  return { env, args: (container.args ?? []).map(localized), ports }
}

async function mount(api: Api, pod: V1Pod, { volumeMounts = [] }: V1Container, folder: string): Promise<[string, string][]> {
  const places: [string, string][] = []
  for (const { name, mountPath } of volumeMounts) {
    const volume = pod.spec?.volumes?.find((one) => one.name === name)
    const place = join(folder, name)
    mkdirSync(place, { recursive: true })
    const sources: (Partial<V1Volume> | V1VolumeProjection)[] = volume?.projected?.sources ?? [volume ?? {}]
    for (const source of sources) {
      // A Secret volume and a projected Secret use different fields for the name.
      const secret = source.secret as (V1SecretVolumeSource & V1SecretProjection) | undefined
      const config = source.configMap as V1ConfigMapVolumeSource | undefined
      const [kind, from] = secret === undefined ? (['configmaps', config] as const) : (['secrets', secret] as const)
      const named = secret?.secretName ?? from?.name
      if (named === undefined) continue
      const values = await read(api, pod, kind, { ...from, name: named })
      const files = from?.items?.map(({ key, path }) => [key, path]) ?? Object.keys(values).map((key) => [key, key])
      for (const [key = '', path = ''] of files) if (values[key] !== undefined) writeFileSync(join(place, path), values[key])
    }
    places.push([mountPath.replace(/\/$/, ''), place])
  }
  return places
}

async function variables(api: Api, pod: V1Pod, { env: list = [], envFrom = [] }: V1Container): Promise<Values> {
  const env: Values = {}
  for (const { configMapRef, secretRef, prefix = '' } of envFrom) {
    const [kind, ref] = configMapRef === undefined ? (['secrets', secretRef] as const) : (['configmaps', configMapRef] as const)
    for (const [key, value] of Object.entries(await read(api, pod, kind, ref))) env[prefix + key] = value
  }
  for (const { name, value, valueFrom } of list) {
    const { fieldRef, secretKeyRef, configMapKeyRef } = valueFrom ?? {}
    const ref = secretKeyRef ?? configMapKeyRef
    if (fieldRef !== undefined) env[name] = field(pod, fieldRef.fieldPath)
    else if (ref !== undefined) {
      const found = (await read(api, pod, secretKeyRef === undefined ? 'configmaps' : 'secrets', ref))[ref.key]
      if (found !== undefined) env[name] = found
    } else env[name] = (value ?? '').replaceAll(/\$\((\w+)\)/g, (all, key: string) => env[key] ?? all)
  }
  return env
}

async function read(api: Api, pod: V1Pod, kind: 'secrets' | 'configmaps', { name = '', optional = false }: Reference = {}): Promise<Values> {
  try {
    const { data = {} } = await api.get<{ data?: Values }>(`/api/v1/namespaces/${pod.metadata?.namespace}/${kind}/${name}`)
    if (kind === 'configmaps') return data
    return Object.fromEntries(Object.entries(data).map(([key, text]) => [key, Buffer.from(text, 'base64').toString()]))
  } catch (error) {
    if (optional && error instanceof ApiError && error.code === 404) return {}
    throw error
  }
}

function field({ metadata, spec }: V1Pod, path: string): string {
  const map = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path)
  if (map !== null) return metadata?.[map[1] as 'labels' | 'annotations']?.[map[2] ?? ''] ?? '' // the expression allows only these two
  const fields: Record<string, string | undefined> = {
    'metadata.name': metadata?.name,
    'metadata.namespace': metadata?.namespace,
    'metadata.uid': metadata?.uid,
    'spec.nodeName': spec?.nodeName,
    'spec.serviceAccountName': spec?.serviceAccountName,
  }
  return fields[path] ?? '127.0.0.1'
}
