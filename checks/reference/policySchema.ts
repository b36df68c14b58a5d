import { z } from 'zod'
import { mapPolicySchema } from '../../model/policy/schema.ts'

/** Text of the JSON Schema with which editors complete and check policies, generated from the zod schema. */
export function policySchemaText(): string {
  const schema = z.toJSONSchema(mapPolicySchema, { io: 'input' })
  return `${JSON.stringify({ title: 'MapPolicy: the policy of one map', ...schema }, null, 2)}\n`
}
