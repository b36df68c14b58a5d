import { patternRule, quoted } from './hints.ts'

/** A JSON Schema node, as far as zod writes it. */
export interface JsonSchema {
  type?: string
  description?: string
  properties?: Record<string, JsonSchema>
  required?: string[]
  additionalProperties?: boolean | JsonSchema
  items?: JsonSchema
  anyOf?: JsonSchema[]
  enum?: unknown[]
  const?: unknown
  default?: unknown
  pattern?: string
  minimum?: number
  maximum?: number
  exclusiveMinimum?: number | boolean
  minItems?: number
  maxItems?: number
  maxLength?: number
  [key: string]: unknown
}

const kept = ['type', 'description', 'required', 'default', 'minimum', 'maximum', 'minItems', 'maxItems', 'maxLength', 'enum'] as const

/** Numbers that mean "no bound" to zod and nothing to a cluster. */
const unbounded = Number.MAX_SAFE_INTEGER
/** Every text and list has a bound, so that the rules on them have a finite cost, which the API server wants to know. */
const MAX_LENGTH = 253
const MAX_ITEMS = 64

/**
 * JSON Schema → what a CustomResourceDefinition accepts (a "structural schema" in the dialect of OpenAPI 3.0): `const` becomes
 * an enum of one, patterns become rules that say what to write instead, a choice of types becomes int-or-string or is left to
 * the orchestrator, "no other keys" is left out (the API server refuses or prunes them by itself).
 */
export function toStructural(schema: JsonSchema): JsonSchema {
  if (schema.anyOf !== undefined) return toChoice(schema)
  const result: JsonSchema = Object.fromEntries(kept.flatMap((key) => (schema[key] === undefined ? [] : [[key, schema[key]]])))
  if (schema.const !== undefined) result.enum = [schema.const]
  if (result.minimum === -unbounded) delete result.minimum
  if (result.maximum === unbounded) delete result.maximum
  if (typeof schema.exclusiveMinimum === 'number') Object.assign(result, { minimum: schema.exclusiveMinimum, exclusiveMinimum: true })
  if (schema.type === 'string' && result.enum === undefined) result.maxLength ??= MAX_LENGTH
  if (schema.pattern !== undefined) {
    const rule = patternRule(schema.pattern)
    Object.assign(result, rule === undefined ? { pattern: schema.pattern } : { 'x-kubernetes-validations': [rule] })
  }
  if (schema.properties !== undefined) {
    result.properties = Object.fromEntries(Object.entries(schema.properties).map(([key, value]) => [key, toStructural(value)]))
  } else if (typeof schema.additionalProperties === 'object') result.additionalProperties = toStructural(schema.additionalProperties)
  if (schema.items !== undefined) {
    result.items = toStructural(schema.items)
    result.maxItems ??= MAX_ITEMS
  }
  return result
}

/** Whole numbers or text: int-or-string, with the words and patterns of the text as a rule. Any other choice has no type there. */
function toChoice({ anyOf = [], description, default: preset }: JsonSchema): JsonSchema {
  const common = { ...(description === undefined ? {} : { description }), ...(preset === undefined ? {} : { default: preset }) }
  if (anyOf.some(({ type }) => type === 'number')) return { ...common, 'x-kubernetes-preserve-unknown-fields': true }
  const words = anyOf.flatMap(({ const: word }) => (word === undefined ? [] : [`self == ${quoted(String(word))}`]))
  const patterns = anyOf.flatMap(({ pattern }) => (pattern === undefined ? [] : [`self.matches(${quoted(pattern)})`]))
  const rule = {
    rule: `type(self) == int ? self >= 0 : (${[...words, ...patterns].join(' || ')})`,
    message: 'write auto, a number of copies, or a share such as "20%"',
  }
  return { ...common, 'x-kubernetes-int-or-string': true, 'x-kubernetes-validations': [rule] }
}
