import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import { parseAllDocuments } from 'yaml'

export const root = join(import.meta.dirname, '../..')

/** Any object of a manifest: looked into by path, since the API server is what knows the types. */
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

/** The text of all that is not a test. */
export function sourcesOf(...houses: string[]): string {
  const files = houses.flatMap((house) => readdirSync(join(root, house), { recursive: true, encoding: 'utf8' }).map((file) => join(house, file)))
  return files
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map(textOf)
    .join('\n')
}

/** All YAML files of k8s/ and fleets/. */
export function yamlFiles(): string[] {
  return ['k8s', 'fleets'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.yaml'))
      .map((file) => join(folder, file)),
  )
}

const read = new Map<string, Value[]>()

/** YAML 1.1, as kubectl reads it. Throws at the first mistake and at the first warning. */
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

/** Files of patches, which are no manifests of their own. */
export function patchFiles(folder: string): string[] {
  return [...(kustomizationOf(folder)['patches'] ?? [])].flatMap((patch) => (patch['path'] === undefined ? [] : [join(folder, patch['path'])]))
}

/** What a kustomization takes in, by name of a file or of a folder with another one; before its patches. */
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

/** Every value under `key`, however deep. */
export function everyValue(value: Value | undefined, key: string): Value[] {
  if (typeof value !== 'object' || value === null) return []
  const entries = Object.entries(value) as [string, Value][] // both an array and an object to the compiler: it takes the wider
  return entries.flatMap(([name, inner]) => [...(name === key ? [inner] : []), ...everyValue(inner, key)])
}

export interface Pod {
  of: Manifest
  labels: Record<string, string>
  spec: Value
  /** All containers; Agones' sidecar is not here. */
  containers: Value[]
}

/** The pods that a manifest makes: a Fleet keeps its template one level deeper. */
export function podsOf(manifests: readonly Manifest[]): Pod[] {
  return manifests.flatMap((of) => {
    const template = of.kind === 'Fleet' ? of.object['spec']?.['template']?.['spec']?.['template'] : of.object['spec']?.['template']
    const spec = template?.['spec']
    if (spec?.['containers'] === undefined) return []
    const own = template?.['metadata']?.['labels'] as Record<string, string> | undefined
    return [{ of, labels: { ...own, ...partOf(of) }, spec, containers: [...spec['containers']] }]
  })
}

/** k8s/base puts this label on all that it takes in, templates included; not on what an overlay adds. */
function partOf({ file }: Manifest): Record<string, string> {
  return relative('k8s/base', dirname(file)) === '' ? { 'app.kubernetes.io/part-of': 'strata' } : {}
}

/** A Service selects by bare labels, everything else by a selector. */
export function labelled(labels: Value | undefined): Value {
  return { matchLabels: labels ?? {} } as unknown as Value // an object of objects, which Value is
}

export function selects(selector: Value | undefined, { labels }: Pod): boolean {
  const wanted = Object.entries((selector?.['matchLabels'] ?? {}) as Record<string, string>)
  // `values` is a method to the compiler, because a Value may be an array.
  const sets = [...(selector?.['matchExpressions'] ?? [])] as unknown as { key: string; operator: string; values: string[] }[]
  return (
    wanted.every(([key, value]) => labels[key] === value) && sets.every(({ key, operator, values }) => operator === 'In' && values.includes(labels[key] ?? ''))
  )
}

export function portNames({ containers }: Pod): unknown[] {
  return containers.flatMap((container) => [...(container['ports'] ?? [])].flatMap(({ name, containerPort }) => [name, containerPort] as unknown[]))
}
