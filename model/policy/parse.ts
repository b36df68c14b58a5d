import { type Document, isCollection, isPair, isScalar, LineCounter, type Node, parseAllDocuments } from 'yaml'
import type { z } from 'zod'
import { defined } from '../defined.ts'
import type { MapName } from '../ids.ts'
import { crossFieldProblems } from './crossFields.ts'
import { didYouMean } from './didYouMean.ts'
import { plainProblem } from './plainProblem.ts'
import { type MapPolicy, toMapPolicy } from './policy.ts'
import { mapPolicySchema } from './schema.ts'

/** One mistake: its position (line and column start at 1) and what to write instead. */
export interface PolicyProblem {
  file: string
  line: number
  column: number
  /** Path of the field, such as `spec.merge.below`; empty when the whole document is meant. */
  path: string
  problem: string
  /** The map that the document is for, when its name could be read. The last good policy of this map stays in force (rule D4). */
  map?: MapName
}

export interface ParsedPolicies {
  policies: MapPolicy[]
  problems: PolicyProblem[]
}

/** One line for people and editors: `fleets/forest.yaml:12:7 spec.merge.below: write a share such as "75%"`. */
export function formatProblem({ file, line, column, path, problem }: PolicyProblem): string {
  return `${file}:${line}:${column} ${path === '' ? '' : `${path}: `}${problem}`
}

type Path = readonly (string | number)[]

/** Parses all MapPolicy documents of a YAML text. Documents of other kinds (Fleet, FleetAutoscaler) are ignored. */
export function parsePolicies(text: string, file: string, versionOf: (text: string) => string): ParsedPolicies {
  const lines = new LineCounter()
  const result: ParsedPolicies = { policies: [], problems: [] }
  for (const document of parseAllDocuments(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' })) {
    const map = nameOf(document)
    const add = (offset: number, path: Path, problem: string): void => {
      const { line, col } = lines.linePos(offset)
      result.problems.push(defined({ file, line, column: col, path: path.join('.'), problem, map }))
    }
    for (const error of document.errors) add(error.pos[0], [], error.message)
    if (document.errors.length > 0 || document.contents === null || document.get('kind') !== 'MapPolicy') {
      if (document.errors.length === 0 && document.contents !== null && !isKnownKind(document))
        add(document.contents.range?.[0] ?? 0, ['kind'], 'write "kind: MapPolicy"')
      continue
    }
    const { content, unusable } = contentOf(document)
    if (unusable !== undefined) {
      add(document.contents.range?.[0] ?? 0, [], unusable)
      continue
    }
    const parsed = mapPolicySchema.safeParse(content, { error: plainProblem })
    if (!parsed.success) {
      for (const issue of parsed.error.issues) for (const { path, problem } of explain(issue, document)) add(offsetOf(document, path), path, problem)
      continue
    }
    const source = text.slice(document.range[0], document.range[1])
    const policy = toMapPolicy(parsed.data, versionOf(source))
    const crossing = crossFieldProblems(policy)
    for (const { path, problem } of crossing) add(offsetOf(document, path), path, problem)
    if (crossing.length === 0) result.policies.push(policy)
  }
  return result
}

/** `unusable`: an alias has no anchor, contains itself, or the aliases of aliases would fill the memory. */
function contentOf(document: Document): { content?: unknown; unusable?: string } {
  let content: unknown
  try {
    content = document.toJS()
  } catch (error) {
    return { unusable: error instanceof Error ? error.message : String(error) }
  }
  try {
    JSON.stringify(content)
  } catch {
    return { unusable: 'an alias (*) stands inside of its own anchor (&); write the value instead' }
  }
  return { content }
}

/** True for a Kubernetes object of any kind. A document without apiVersion or kind was probably meant to be a policy. */
function isKnownKind(document: Document): boolean {
  return typeof document.get('kind') === 'string' && typeof document.get('apiVersion') === 'string'
}

function nameOf(document: Document): string | undefined {
  const name: unknown = document.getIn(['metadata', 'name'])
  return typeof name === 'string' ? name : undefined
}

function explain(issue: z.core.$ZodIssue, document: Document): { path: Path; problem: string }[] {
  const path = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part))
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: [...path, key], problem: `unknown key "${key}"${didYouMean(key, keysAt(path))}` }))
  }
  if (issue.code === 'invalid_type' && document.getIn(path) === undefined) return [{ path, problem: `is missing (${issue.expected})` }]
  return [{ path, problem: issue.message }]
}

/** Keys that the schema allows at a path, for `didYouMean`. */
function keysAt(path: Path): string[] {
  let schema: unknown = mapPolicySchema
  for (const part of path) {
    schema = unwrap(schema)
    if (schema === undefined || schema === null || typeof schema !== 'object') return []
    if ('shape' in schema)
      schema = (schema.shape as Record<string, unknown>)[part] // zod keeps the fields of an object in `shape`
    else if ('element' in schema) schema = schema.element
    else return []
  }
  const object = unwrap(schema)
  return object !== null && typeof object === 'object' && 'shape' in object ? Object.keys(object.shape as object) : []
}

/** Returns the schema inside defaults, prefaults and optionals. */
function unwrap(schema: unknown): unknown {
  let inner = schema
  while (inner !== null && typeof inner === 'object' && !('shape' in inner) && !('element' in inner) && 'unwrap' in inner && typeof inner.unwrap === 'function')
    inner = inner.unwrap()
  return inner
}

/** Offset in the text of the key at `path`. When the path does not exist, the offset of its nearest existing parent. */
export function offsetOf(document: Document, path: Path): number {
  let node: unknown = document.contents
  let offset = (document.contents as Node | null)?.range?.[0] ?? 0 // the contents of a parsed document are nodes
  for (const part of path) {
    if (!isCollection(node)) break
    const item: unknown = typeof part === 'number' ? node.items[part] : node.items.find((pair) => isPair(pair) && isScalar(pair.key) && pair.key.value === part)
    if (isPair(item)) {
      offset = isScalar(item.key) ? (item.key.range?.[0] ?? offset) : offset
      node = item.value
    } else {
      node = item
      offset = (item as Node | undefined)?.range?.[0] ?? offset
    }
  }
  return offset
}
