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
  minItems?: number
  [key: string]: unknown
}

const kept = ['type', 'description', 'required', 'default', 'pattern', 'minimum', 'maximum', 'minItems', 'enum'] as const

/** Numbers that mean "no bound" to zod and nothing to a cluster. */
const unbounded = Number.MAX_SAFE_INTEGER

/**
 * JSON Schema → what a CustomResourceDefinition accepts (a "structural schema"): `const` becomes an enum of one, a choice of
 * number and text becomes int-or-string with the text's pattern as a CEL rule, "no other keys" is left out (the API server
 * prunes and warns by itself), and every text and list gets a bound so that CEL rules have a finite cost.
 */
export function toStructural(schema: JsonSchema): JsonSchema {
  if (schema.anyOf !== undefined) return toIntOrString(schema)
  const result: JsonSchema = Object.fromEntries(kept.flatMap((key) => (schema[key] === undefined ? [] : [[key, schema[key]]])))
  if (schema.const !== undefined) result.enum = [schema.const]
  if (result.minimum === -unbounded) delete result.minimum
  if (result.maximum === unbounded) delete result.maximum
  if (schema.type === 'string' && result.enum === undefined) result['maxLength'] = 253
  if (schema.properties !== undefined) {
    result.properties = Object.fromEntries(Object.entries(schema.properties).map(([key, value]) => [key, toStructural(value)]))
  } else if (typeof schema.additionalProperties === 'object') result.additionalProperties = toStructural(schema.additionalProperties)
  if (schema.items !== undefined) {
    result.items = toStructural(schema.items)
    result['maxItems'] = 64
  }
  return result
}

function toIntOrString({ anyOf = [], description, default: preset }: JsonSchema): JsonSchema {
  const words = anyOf.flatMap(({ const: word }) => (word === undefined ? [] : [`self == '${String(word)}'`]))
  const patterns = anyOf.flatMap(({ pattern }) => (pattern === undefined ? [] : [`self.matches('${pattern.replaceAll('\\', '\\\\')}')`]))
  return {
    'x-kubernetes-int-or-string': true,
    ...(description === undefined ? {} : { description }),
    ...(preset === undefined ? {} : { default: preset }),
    'x-kubernetes-validations': [
      {
        rule: `type(self) == int ? self >= 0 : (${[...words, ...patterns].join(' || ')})`,
        message: 'write auto, a number of copies, or a share such as "20%"',
      },
    ],
  }
}
