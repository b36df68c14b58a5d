import { z } from 'zod'
import { mapPolicySchema } from '../../model/policy/schema.ts'

/** The JSON Schema by which editors complete and check policies, from the same zod schema as everything else. */
export function policySchemaText(): string {
  const schema = z.toJSONSchema(mapPolicySchema, { io: 'input' })
  return `${JSON.stringify({ title: 'MapPolicy: how one map is layered', ...schema }, null, 2)}\n`
}
