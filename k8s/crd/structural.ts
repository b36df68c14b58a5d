import { defined } from '../../model/defined.ts'
import { choiceHints, patternRule, quoted } from './hints.ts'

/** A JSON Schema node, with the keywords that zod writes. */
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

/** zod writes this number as the bound of an integer without a bound; the CRD omits it. */
const unbounded = Number.MAX_SAFE_INTEGER
/** Default bound of a text, in characters. The API server estimates the cost of CEL rules from these bounds and refuses rules without one. */
const MAX_LENGTH = 253
/** Longest text where a number or a text is allowed, in characters. The API server estimates the cost of a rule by it and refuses rules that may cost too much. */
const MAX_INT_OR_TEXT_LENGTH = 16
/** Default bound of a list, in items, for the same reason. */
const MAX_ITEMS = 64

/**
 * Converts a JSON Schema to a structural schema (OpenAPI 3.0), which a CustomResourceDefinition needs. `const` becomes an enum with one value. Patterns
 * become CEL rules whose message says what to write. A choice of types becomes int-or-string, or accepts any value, which the orchestrator checks.
 * `additionalProperties: false` is omitted, because the API server refuses or prunes unknown keys by itself.
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

/** A choice of integer and text becomes int-or-string with one CEL rule for the allowed texts. A choice with a decimal number accepts any value. */
function toChoice({ anyOf = [], description, default: preset }: JsonSchema): JsonSchema {
  const common = defined({ description, default: preset })
  if (anyOf.some(({ type }) => type === 'number')) return { ...common, 'x-kubernetes-preserve-unknown-fields': true }
  const words = anyOf.flatMap(({ const: word }) => (word === undefined ? [] : [String(word)]))
  const patterns = anyOf.flatMap(({ pattern }) => (pattern === undefined ? [] : [pattern]))
  const texts = [...words.map((word) => `self == ${quoted(word)}`), ...patterns.map((pattern) => `self.matches(${quoted(pattern)})`)]
  const least = anyOf.find(({ type }) => type === 'integer')?.minimum ?? 0
  const message = words.map((word) => choiceHints[word]).find((hint) => hint !== undefined)
  if (message === undefined) throw new Error(`k8s/crd/hints.ts has no message for the choice between ${texts.join(', ')}: add one to choiceHints`)
  const rule = { rule: `type(self) == int ? self >= ${least} : (${texts.join(' || ')})`, message }
  return { ...common, 'x-kubernetes-int-or-string': true, maxLength: MAX_INT_OR_TEXT_LENGTH, 'x-kubernetes-validations': [rule] }
}
