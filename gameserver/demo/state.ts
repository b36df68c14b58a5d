import { z } from 'zod'
import { limits } from '../../model/economy.ts'
import type { MapName } from '../../model/ids.ts'
import type { StateSteps } from '../zone/residents/stateSteps.ts'

/** What is saved of a character of the demo. */
export interface DemoState {
  map: MapName
  x: number
  y: number
  heading: number
  /** Where it walks, so that a moved walker goes on in the same step. */
  walk: { dx: number; dy: number }
  /** How often it gathered what: a tally. The things themselves are in the economy. */
  gathered: Record<string, number>
  /** Gathered, and not yet in the bag. Saved with the character, asked for under its id until there is an answer: each once, whatever crashes. */
  owed: Owed[]
}
export interface Owed {
  id: string
  kinds: string[]
}

export const DEMO_STATE_VERSION = 2

/** Version 1 only counted what was gathered; now it becomes things in the bag, as much as fits into one. */
export const demoSteps: StateSteps = {
  1: (state) => {
    const { items, ...rest } = state as Omit<DemoState, 'gathered' | 'owed'> & { items: Record<string, number> } // what release 1 saved
    const kinds = Object.entries(items).flatMap(([kind, count]) => Array.from({ length: Math.min(count, limits.bagItems) }, () => kind))
    const owed = kinds.length === 0 ? [] : [{ id: 'release-1', kinds: kinds.slice(0, limits.bagItems) }]
    return { ...rest, gathered: items, owed } satisfies DemoState
  },
}

/** A direction and never a place: the server moves the body, at its own speed. */
export const walkInput = z.strictObject({ dx: z.number().min(-1).max(1), dy: z.number().min(-1).max(1) })
export type WalkInput = z.infer<typeof walkInput>

export const chatMessage = z.strictObject({ text: z.string().trim().min(1).max(200) })
export const gatherMessage = z.strictObject({ node: z.int().min(1) })

/** Bits in a body's flags, and in a resource's. */
export const FLAG = { walking: 1, gathering: 2, depleted: 1 } as const
