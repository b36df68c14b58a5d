import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import { parseAllDocuments } from 'yaml'

export const root = join(import.meta.dirname, '../..')

/** Any value of a manifest, read by path without types: the API server checks the types. */
export type Value = { [key: string]: Value } & Value[] & string
export interface Manifest {
  file: string
  kind: string
  name: string
  object: Value
}

export function textOf(file: string): string {
  return readFileSync(join(root, file), 'utf8')
}

/** The text of all sources of these houses without tests. */
export function sourcesOf(...houses: string[]): string {
  const files = houses.flatMap((house) => readdirSync(join(root, house), { recursive: true, encoding: 'utf8' }).map((file) => join(house, file)))
  return files
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map(textOf)
    .join('\n')
}

/** All YAML files in k8s/ and fleets/. */
export function yamlFiles(): string[] {
  return ['k8s', 'fleets'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.yaml'))
      .map((file) => join(folder, file)),
  )
}

const read = new Map<string, Value[]>()

/** Parses a file as YAML 1.1, as kubectl does. Throws at the first error or warning. Cached. */
export function documents(file: string): Value[] {
  const known = read.get(file) ?? parsed(file)
  read.set(file, known)
  return known
}

function parsed(file: string): Value[] {
  return parseAllDocuments(textOf(file), { version: '1.1' }).map((document) => {
    const [problem] = [...document.errors, ...document.warnings]
    if (problem !== undefined) throw new Error(`${file}: ${problem.message}`)
    return document.toJS() as Value
  })
}

const kustomizationOf = (folder: string): Value => documents(join(folder, 'kustomization.yaml'))[0] as Value

/** The patch files of a kustomization, which are not manifests. */
export function patchFiles(folder: string): string[] {
  return [...(kustomizationOf(folder)['patches'] ?? [])].flatMap((patch) => (patch['path'] === undefined ? [] : [join(folder, patch['path'])]))
}

/** The manifests that a kustomization includes, directly or through another one, before its patches. */
export function manifestsOf(folder: string): Manifest[] {
  const { resources, components, configMapGenerator } = kustomizationOf(folder)
  const generated = [...(configMapGenerator ?? [])].map(({ name = '' }) => ({ file: folder, kind: 'ConfigMap', name: name as string, object: {} as Value }))
  const taken = [...(resources ?? []), ...(components ?? [])].flatMap((entry) => {
    const path = normalize(join(folder, entry))
    return entry.endsWith('.yaml') ? manifestsIn(path) : manifestsOf(path)
  })
  return [...generated, ...taken]
}

export function manifestsIn(file: string): Manifest[] {
  return documents(file).map((object) => ({ file, kind: object['kind'] ?? '', name: object['metadata']?.['name'] ?? '', object }))
}

/** All values under `key` at any depth. */
export function everyValue(value: Value | undefined, key: string): Value[] {
  if (typeof value !== 'object' || value === null) return []
  const entries = Object.entries(value) as [string, Value][] // the compiler sees an array and an object, and takes the wider type
  return entries.flatMap(([name, inner]) => [...(name === key ? [inner] : []), ...everyValue(inner, key)])
}

export interface Pod {
  of: Manifest
  labels: Record<string, string>
  spec: Value
  /** All containers except Agones' sidecar. */
  containers: Value[]
}

/** The pod templates of the manifests. A Fleet keeps its template one level deeper. */
export function podsOf(manifests: readonly Manifest[]): Pod[] {
  return manifests.flatMap((of) => {
    const template = of.kind === 'Fleet' ? of.object['spec']?.['template']?.['spec']?.['template'] : of.object['spec']?.['template']
    const spec = template?.['spec']
    if (spec?.['containers'] === undefined) return []
    const own = template?.['metadata']?.['labels'] as Record<string, string> | undefined
    return [{ of, labels: { ...own, ...partOf(of) }, spec, containers: [...spec['containers']] }]
  })
}

/** k8s/base adds this label to all its objects and their templates; overlays do not. */
function partOf({ file }: Manifest): Record<string, string> {
  return relative('k8s/base', dirname(file)) === '' ? { 'app.kubernetes.io/part-of': 'strata' } : {}
}

/** Wraps a Service's bare labels in a selector, as all other kinds have. */
export function labelled(labels: Value | undefined): Value {
  return { matchLabels: labels ?? {} } as unknown as Value // an object of objects is a Value
}

export function selects(selector: Value | undefined, { labels }: Pod): boolean {
  const wanted = Object.entries((selector?.['matchLabels'] ?? {}) as Record<string, string>)
  // For the compiler `values` is a method, because a Value may be an array.
  const sets = [...(selector?.['matchExpressions'] ?? [])] as unknown as { key: string; operator: string; values: string[] }[]
  return (
    wanted.every(([key, value]) => labels[key] === value) && sets.every(({ key, operator, values }) => operator === 'In' && values.includes(labels[key] ?? ''))
  )
}

export function portNames({ containers }: Pod): unknown[] {
  return containers.flatMap((container) => [...(container['ports'] ?? [])].flatMap(({ name, containerPort }) => [name, containerPort] as unknown[]))
}
