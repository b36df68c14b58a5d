import { z } from 'zod'
import type { EntitiesLayout } from './defineEntities.ts'

/** Most fields of a layout that a client accepts. Masks have 31 bits for fields. */
const FIELDS_MAX = 31
const size = (min: number) => z.int().min(min).max(4)

/** A field of a later release may have members and types that this release does not know: they are ignored. */
const wireField = z.object({
  name: z
    .string()
    .max(64)
    .regex(/^[a-z]\w*$/i),
  type: z.string().max(32),
  bytes: z.int().min(0).max(255),
  min: z.number().exactOptional(),
  step: z.number().positive().exactOptional(),
  steps: z.int().positive().exactOptional(),
  of: z.array(z.string().max(255)).max(256).exactOptional(),
  interpolate: z.boolean().exactOptional(),
})

const layoutSchema = z.object({
  layout: z.literal(1),
  dimensions: z.union([z.literal(2), z.literal(3)]),
  position: z.object({ bytes: size(1), step: z.number().positive() }),
  fields: z.array(wireField).max(FIELDS_MAX),
})

/** Reads the layout that a server sent. Throws RangeError for one that this release cannot read. */
export function readLayout(raw: unknown): EntitiesLayout {
  const result = layoutSchema.safeParse(raw)
  if (result.success) return result.data
  throw new RangeError(`the server's layout of entities cannot be read: ${z.prettifyError(result.error).slice(0, 200)}`)
}
