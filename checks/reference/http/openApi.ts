/** The parts of OpenAPI 3 that fastify writes and the page shows. */
export interface OpenApi {
  paths: Record<string, Record<string, Operation>>
  components?: { schemas?: Record<string, Schema> }
}

export interface Operation {
  summary?: string
  parameters?: { in: string; name: string; required?: boolean; schema: Schema; description?: string }[]
  requestBody?: { content: Record<string, { schema: Schema }> }
  responses?: Record<string, { content?: Record<string, { schema: Schema }> }>
}

export interface Schema {
  $ref?: string
  type?: string | string[]
  description?: string
  enum?: unknown[]
  const?: unknown
  format?: string
  minimum?: number
  maximum?: number
  minLength?: number
  maxLength?: number
  default?: unknown
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  additionalProperties?: boolean | Schema
  anyOf?: Schema[]
  oneOf?: Schema[]
  allOf?: Schema[]
}

export interface FieldRow {
  /** Where it stands: `query`, `header`, `body`, `answer`. */
  place: string
  path: string
  form: string
  required: boolean
  meaning: string
}

/** All fields of a request and of its answer, nested ones with their path. */
export function fieldsOf({ parameters = [], requestBody, responses }: Operation, api: OpenApi): FieldRow[] {
  const given = parameters.map((one) => ({
    place: one.in,
    path: one.name,
    form: formOf(one.schema),
    required: one.required === true,
    meaning: one.description ?? one.schema.description ?? '',
  }))
  const body = Object.values(requestBody?.content ?? {})[0]?.schema
  const [, success] = Object.entries(responses ?? {}).find(([status]) => status.startsWith('2')) ?? []
  const answer = Object.values(success?.content ?? {})[0]?.schema
  return [...given, ...rowsOf('body', body, api), ...rowsOf('answer', answer, api)]
}

function rowsOf(place: string, schema: Schema | undefined, api: OpenApi): FieldRow[] {
  if (schema === undefined) return []
  const rows = new Map<string, FieldRow>()
  const add = (inner: Schema, path: string, required: boolean): void => {
    const known = resolved(inner, api)
    for (const variant of variantsOf(known)) {
      const one = resolved(variant, api)
      const of = path === '' ? '' : `${path}.`
      for (const [name, field] of Object.entries(one.properties ?? {}))
        add(field, `${of}${name}`, one.required?.includes(name) === true && variantsOf(known).length === 1)
      if (typeof one.additionalProperties === 'object') add(one.additionalProperties, `${of}*`, false)
      if (one.items !== undefined) add(one.items, `${path}[]`, true)
    }
    const hasFields = [...rows.keys()].some((other) => other.startsWith(`${path}.`) || other.startsWith(`${path}[]`))
    if (path !== '' && !rows.has(path) && (!hasFields || known.description !== undefined))
      rows.set(path, { place, path, form: hasFields ? '' : formOf(known), required, meaning: known.description ?? '' })
  }
  add(schema, '', true)
  return [...rows.values()].sort((one, other) => order(one.path, other.path))
}

/** A field with a meaning of its own stands before its parts; else the order of the schema stays. */
function order(one: string, other: string): number {
  if (other.startsWith(one)) return -1
  return one.startsWith(other) ? 1 : 0
}

function variantsOf({ anyOf, oneOf, allOf, ...own }: Schema): Schema[] {
  return anyOf ?? oneOf ?? allOf ?? [own]
}

function resolved(schema: Schema, { components }: OpenApi): Schema {
  const name = schema.$ref?.split('/').at(-1)
  return name === undefined ? schema : (components?.schemas?.[name] ?? {})
}

function formOf(schema: Schema): string {
  const { type, items, format } = schema
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${JSON.stringify(value)}\``).join(' or ')
  const variants = schema.anyOf ?? schema.oneOf
  if (variants !== undefined) return [...new Set(variants.map(formOf))].join(' or ')
  const name = Array.isArray(type) ? type.join(' or ') : (type ?? 'any')
  if (name === 'array') return `list of ${items === undefined ? 'any' : formOf(items)}`
  if (name === 'string') return `text${format === undefined ? '' : ` (${format})`}${between(schema.minLength, schema.maxLength, ' characters')}`
  if (name === 'integer' || name === 'number') return `${name}${between(schema.minimum, schema.maximum, '')}`
  return name
}

function between(least: number | undefined, most: number | undefined, unit: string): string {
  const [from, to] = [least, most].map((one) => (one === undefined || Math.abs(one) >= Number.MAX_SAFE_INTEGER ? undefined : one))
  if (to !== undefined) return `, ${from ?? 0} to ${to}${unit}`
  return from === undefined || from === 0 ? '' : `, at least ${from}${unit}`
}
