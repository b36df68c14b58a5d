import { z } from 'zod'
import { mapPolicySchema } from '../../model/policy/schema.ts'

interface Field {
  type?: string
  description?: string
  default?: unknown
  enum?: unknown[]
  const?: unknown
  minimum?: number
  maximum?: number
  pattern?: string
  properties?: Record<string, Field>
  required?: string[]
  items?: Field
  anyOf?: Field[]
}

/** docs/reference/policy.md: every field of a map policy, from the schema's own descriptions. */
export function policyReference(): string {
  // zod's type of a JSON Schema is wider than what this schema produces.
  const schema = z.toJSONSchema(mapPolicySchema, { io: 'input' }) as Field
  const spec = schema.properties?.['spec'] ?? {}
  return `# Map policy

<!-- Made by npm run generate from model/policy/schema.ts; do not edit. -->

One document a map, as a file in \`fleets/\` or as the Kubernetes object \`MapPolicy\` (\`strata.dev/v1alpha1\`). A saved file acts at once. A
mistake changes nothing, and the error names line, column and what to write instead (\`npx strata lint fleets\`). Unknown keys are refused.

\`\`\`yaml
apiVersion: strata.dev/v1alpha1
kind: MapPolicy
metadata: { name: forest }    # the map
spec:                         # all fields below
  fleet: overworld
  capacity: { soft: 80, hard: 100 }
\`\`\`

| field | what to write | default | meaning |
| --- | --- | --- | --- |
${rows(spec, '').join('\n')}

A share is written as \`75%\`, a duration as \`30s\`, \`10m\`, \`6h\` or \`1d\`. Fields that must fit together: \`capacity.soft\` ≤ \`capacity.hard\`,
\`copies.min\` ≤ \`copies.max\`, \`merge.below\` < \`merge.into\`, \`merge.below\` < \`merge.cancelAbove\`.
`
}

function rows(field: Field, prefix: string): string[] {
  return Object.entries(field.properties ?? {}).flatMap(([name, inner]) => {
    const path = `${prefix}${name}`
    const required = field.required?.includes(name) ?? false
    const list = inner.type === 'array' && inner.items?.properties !== undefined
    const nested = list ? rows(inner.items ?? {}, `${path}[].`) : rows(inner, `${path}.`)
    if (nested.length > 0) return inner.description === undefined ? nested : [row(path, list ? 'a list' : '', '', inner.description), ...nested]
    return [row(path, form(inner), required ? '**required**' : written(inner.default), inner.description ?? '')]
  })
}

function row(path: string, form: string, standard: string, meaning: string): string {
  return `| \`${path}\` | ${[form, standard, meaning].map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
}

function form(field: Field): string {
  if (field.const !== undefined) return `\`${String(field.const)}\``
  if (field.enum !== undefined) return field.enum.map((value) => `\`${String(value)}\``).join(' or ')
  if (field.anyOf !== undefined) return field.anyOf.map(form).join(' or ')
  if (field.pattern?.endsWith('%$')) return field.pattern.startsWith('^\\+') ? 'a share with a plus' : 'a share'
  if (field.pattern?.includes('(ms|s|m|h|d)')) return 'a duration'
  if (field.type === 'boolean') return '`true` or `false`'
  if (field.type === 'array') return 'a list of names'
  if (field.type === 'integer' || field.type === 'number') return `a ${field.type === 'integer' ? 'whole ' : ''}number${limits(field)}`
  return 'text'
}

function limits({ minimum, maximum }: Field): string {
  if (maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER) return `, ${minimum ?? 0} to ${maximum}`
  return minimum === undefined || minimum === 0 ? '' : `, at least ${minimum}`
}

function written(value: unknown): string {
  if (value === undefined) return ''
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``
}
