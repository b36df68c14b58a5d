import { z } from 'zod'
import type { MapName } from '../../model/ids.ts'

/** What is saved of a character of the demo. */
export interface DemoState {
  map: MapName
  x: number
  y: number
  heading: number
  /** Where it walks, so that a moved walker goes on in the same step. */
  walk: { dx: number; dy: number }
  items: Record<string, number>
}

/** A direction and never a place: the server moves the body, at its own speed. */
export const walkInput = z.strictObject({ dx: z.number().min(-1).max(1), dy: z.number().min(-1).max(1) })
export type WalkInput = z.infer<typeof walkInput>

export const chatMessage = z.strictObject({ text: z.string().trim().min(1).max(200) })
export const gatherMessage = z.strictObject({ node: z.int().min(1) })

/** Bits in a body's flags, and in a resource's. */
export const FLAG = { walking: 1, gathering: 2, depleted: 1 } as const
