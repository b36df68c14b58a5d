import fc from 'fast-check'
import { defined } from '../../model/defined.ts'
import { roughText } from './fuzz.ts'

/** The parts of a JSON schema from which inputs are made. All other keywords only make an input valid or not. */
interface Schema {
  type?: string
  enum?: unknown[]
  const?: unknown
  anyOf?: Schema[]
  oneOf?: Schema[]
  allOf?: Schema[]
  properties?: Record<string, Schema>
  required?: string[]
  additionalProperties?: boolean | Schema
  items?: Schema
  minItems?: number
  maxItems?: number
  minimum?: number
  maximum?: number
  minLength?: number
  maxLength?: number
  pattern?: string
}
export interface Operation {
  parameters?: { name: string; in: 'path' | 'query' | 'header'; required?: boolean; schema?: Schema }[]
  requestBody?: { content: Record<string, { schema: Schema }> }
  responses: Record<string, unknown>
}
export interface OpenApi {
  paths: Record<string, Record<string, Operation>>
}

/** A request that a test sends. Header and query values are texts. */
export interface FuzzedRequest {
  route: string
  path: Record<string, string>
  query: Record<string, string>
  headers: Record<string, string>
  body?: unknown
}

/** One request in this many parts of a request is against the schema. */
const WILD_WEIGHT = 1
const VALID_WEIGHT = 4
const MAX_DEPTH = 4

/** Requests to all routes of the description: mostly valid against its schemas, with ids that exist among the texts, and each part sometimes something else. */
export function requestsOf({ paths }: OpenApi, knownOn: (path: string) => readonly string[]): fc.Arbitrary<FuzzedRequest> {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ route: `${method.toUpperCase()} ${path}`, path, operation })),
  )
  return fc.oneof(
    ...operations.map(({ route, path: template, operation }) => {
      const known = knownOn(template)
      const named = (place: 'path' | 'query' | 'header') => (operation.parameters ?? []).filter((parameter) => parameter.in === place)
      const texts = (place: 'path' | 'query' | 'header', requiredKeys: readonly string[]) =>
        fc.record(Object.fromEntries(named(place).map(({ name, schema = {} }) => [name, textOf(schema, known)])), { requiredKeys: [...requiredKeys] })
      const schema = Object.values(operation.requestBody?.content ?? {})[0]?.schema
      const body = schema === undefined ? fc.constant(undefined) : fc.oneof({ weight: VALID_WEIGHT, arbitrary: inputOf(schema, known, 0) }, wild)
      return fc
        .tuple(
          texts(
            'path',
            named('path').map(({ name }) => name),
          ),
          texts('query', []),
          texts('header', []),
          body,
        )
        .map(([path, query, headers, content]): FuzzedRequest => ({ route, path, query, headers, ...defined({ body: content }) }))
    }),
  )
}

const wild: fc.Arbitrary<unknown> = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  roughText(10),
  fc.constantFrom(null, '', 0, -1, 2 ** 53, 1e308, [], {}, '\0', 'x'.repeat(3_000), { $ne: null }, ['x', 'x']),
)

function textOf(schema: Schema, known: readonly string[]): fc.Arbitrary<string> {
  return fc
    .oneof({ weight: VALID_WEIGHT, arbitrary: inputOf(schema, known, 0) }, wild)
    .map((value) => (typeof value === 'string' ? value : JSON.stringify(value)))
}

function inputOf(schema: Schema, known: readonly string[], depth: number): fc.Arbitrary<unknown> {
  const valid = validOf(schema, known, depth)
  return depth === 0 ? valid : fc.oneof({ weight: VALID_WEIGHT * 3, arbitrary: valid }, { weight: WILD_WEIGHT, arbitrary: wild })
}

function validOf(schema: Schema, known: readonly string[], depth: number): fc.Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const)
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum)
  const choices = schema.anyOf ?? schema.oneOf
  if (choices !== undefined) return fc.oneof(...choices.map((choice) => validOf(choice, known, depth)))
  switch (schema.type) {
    case 'object':
      return objectOf(schema, known, depth)
    case 'array':
      return fc.array(depth > MAX_DEPTH ? fc.constant('deep') : inputOf(schema.items ?? {}, known, depth + 1), {
        minLength: schema.minItems ?? 0,
        maxLength: Math.min(schema.maxItems ?? 3, 3),
      })
    case 'integer':
      return fc.oneof(
        fc.integer({ min: bounded(schema.minimum, 0), max: bounded(schema.maximum, 10_000) }),
        fc.constantFrom(schema.minimum ?? 0, schema.maximum ?? 1),
      )
    case 'number':
      return fc.double({ min: schema.minimum ?? 0, max: schema.maximum ?? 10_000, noNaN: true })
    case 'boolean':
      return fc.boolean()
    case 'string':
      return stringOf(schema, known)
    case 'null':
      return fc.constant(null)
    default:
      return wild
  }
}

const bounded = (value: number | undefined, otherwise: number): number => Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, value ?? otherwise))

function objectOf({ properties = {}, required = [], additionalProperties }: Schema, known: readonly string[], depth: number): fc.Arbitrary<unknown> {
  const record = fc.record(Object.fromEntries(Object.entries(properties).map(([name, property]) => [name, inputOf(property, known, depth + 1)])), {
    requiredKeys: required.filter((name) => name in properties),
  })
  if (typeof additionalProperties !== 'object' || depth > MAX_DEPTH) return record
  const more = fc.dictionary(fc.oneof(fc.constantFrom('level', '__proto__', 'constructor'), roughText(3)), inputOf(additionalProperties, known, depth + 1), {
    maxKeys: 3,
  })
  return fc.tuple(record, more).map(([fixed, free]) => ({ ...free, ...fixed }))
}

function stringOf({ minLength = 0, maxLength = 200, pattern }: Schema, known: readonly string[]): fc.Arbitrary<unknown> {
  const texts = [
    fc.constantFrom(...known),
    fc.string({ minLength, maxLength: Math.min(maxLength, minLength + 30) }),
    roughText(8),
    fc.constant('x'.repeat(maxLength)),
  ]
  return pattern === undefined || pattern.length > 200 ? fc.oneof(...texts) : fc.oneof(...texts, matching(pattern))
}

/** Texts that match a pattern; the pattern itself when it has a syntax that the generator does not know. */
function matching(pattern: string): fc.Arbitrary<string> {
  try {
    return fc.stringMatching(new RegExp(pattern, 'u'))
  } catch {
    return fc.constant(pattern)
  }
}
