import { z } from 'zod'
import { limits } from '../../model/economy.ts'
import type { MapName } from '../../model/ids.ts'
import type { StateSteps } from '../zone/residents/state/migrateState.ts'

/** The saved state of a character in the demo. */
export interface DemoState {
  map: MapName
  x: number
  y: number
  heading: number
  /** Direction of walking; part of the state so that a moved character walks on without a stop. */
  walk: { dx: number; dy: number }
  /** Count of gathered items by kind. The items themselves are in the economy. */
  gathered: Record<string, number>
  /** Gathered items that the economy has not granted yet. The id is the idempotency key, so that each is granted once. */
  owed: Owed[]
}
export interface Owed {
  id: string
  kinds: string[]
}

export const DEMO_STATE_VERSION = 2

/** Version 1 only counted gathered items. The step to version 2 turns the counts into owed items, as many as fit into one bag. */
export const demoSteps: StateSteps = {
  1: (state) => {
    const { items, ...rest } = state as Omit<DemoState, 'gathered' | 'owed'> & { items: Record<string, number> } // the shape that release 1 saved
    const kinds = Object.entries(items).flatMap(([kind, count]) => Array.from({ length: Math.min(count, limits.bagItems) }, () => kind))
    const owed = kinds.length === 0 ? [] : [{ id: 'release-1', kinds: kinds.slice(0, limits.bagItems) }]
    return { ...rest, gathered: items, owed } satisfies DemoState
  },
}

/** A direction, never a position: the server moves the body at its own speed. */
export const walkInput = z.strictObject({ dx: z.number().min(-1).max(1), dy: z.number().min(-1).max(1) })
export type WalkInput = z.infer<typeof walkInput>

export const chatMessage = z.strictObject({ text: z.string().trim().min(1).max(200) })
export const gatherMessage = z.strictObject({ node: z.int().min(1) })

/** Bits in the flags of a body and of a resource. */
export const FLAG = { walking: 1, gathering: 2, depleted: 1 } as const
