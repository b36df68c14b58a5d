import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { parsePolicies } from '../../model/policy/parse.ts'
import { mapPolicySchema } from '../../model/policy/schema.ts'
import { codeBlocks, root } from './codeBlocks.ts'

const page = 'docs/how-to/policies.md'

/** The parts of a JSON Schema that name fields. */
interface Field {
  properties?: Record<string, Field>
  items?: Field
}

/** The paths of all fields without inner fields, such as `capacity.soft` and `events[].name`. */
function leaves(field: Field, path: string): string[] {
  if (field.items?.properties !== undefined) return leaves(field.items, `${path}[]`)
  if (field.properties === undefined) return [path]
  return Object.entries(field.properties).flatMap(([name, inner]) => leaves(inner, path === '' ? name : `${path}.${name}`))
}

it('the how-to for designers names every policy field, and no field that does not exist', async () => {
  const markdown = await readFile(join(root, page), 'utf8')
  // zod's type of a JSON Schema is wider than what this schema produces.
  const schema = z.toJSONSchema(mapPolicySchema, { io: 'input' }) as Field
  const fields = leaves(schema.properties?.['spec'] ?? {}, '')
  expect(fields.filter((field) => !markdown.includes(`\`${field}\``))).toEqual([])
  const groups = new Set(fields.map((field) => field.split(/[.[]/, 1)[0]))
  const named = [...markdown.matchAll(/`([a-z]+)((?:\[\])?(?:\.[a-zA-Z[\]]+)+)`/g)].map(([, group = '', rest = '']) => ({ group, field: group + rest }))
  expect(named.filter(({ group, field }) => groups.has(group) && !fields.some((known) => known === field || known.startsWith(`${field}.`)))).toEqual([])
})

it('every example of the page is valid in a policy', async () => {
  const blocks = (await codeBlocks(page)).filter(({ language }) => language === 'yaml')
  expect(blocks.length).toBeGreaterThan(5)
  for (const { text, line } of blocks) {
    const spec: unknown = { fleet: 'overworld', capacity: { soft: 80, hard: 100 }, ...(parse(text) as object) } // a mapping, or the policy is refused
    const policy = JSON.stringify({ apiVersion: 'strata.dev/v1alpha1', kind: 'MapPolicy', metadata: { name: 'forest' }, spec })
    expect(parsePolicies(policy, `${page}:${line}`, () => 'v1').problems).toEqual([])
  }
})
