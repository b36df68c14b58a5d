import { z } from 'zod'
import { limits } from '../../model/economy.ts'
import type { MapName } from '../../model/ids.ts'
import type { StateSteps } from '../zone/residents/state/migrateState.ts'
import { unhurt, type Vitals } from './combat/vitals.ts'

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
  /** Gathered items and loot that the economy has not granted yet. */
  owed: Owed[]
  vitals: Vitals
}
export interface Owed {
  /** With `from`, the idempotency key of the grant, so that each is granted once. */
  id: string
  kinds: string[]
  from: 'gathered' | 'loot'
}

export const DEMO_STATE_VERSION = 3

type SecondState = Omit<DemoState, 'owed' | 'vitals'> & { owed: Omit<Owed, 'from'>[] }

/**
 * Version 1 only counted gathered items. The step to version 2 turns the counts into owed items, as many as fit into one bag. Version 2 had no fights: nobody was
 * hurt, and all owed items were gathered.
 */
export const demoSteps: StateSteps = {
  1: (state) => {
    const { items, ...rest } = state as Omit<SecondState, 'gathered' | 'owed'> & { items: Record<string, number> } // the shape that release 1 saved
    const kinds = Object.entries(items).flatMap(([kind, count]) => Array.from({ length: Math.min(count, limits.bagItems) }, () => kind))
    const owed = kinds.length === 0 ? [] : [{ id: 'release-1', kinds: kinds.slice(0, limits.bagItems) }]
    return { ...rest, gathered: items, owed } satisfies SecondState
  },
  2: (state) => {
    const second = state as SecondState // the shape that version 2 saved
    return { ...second, owed: second.owed.map((one) => ({ ...one, from: 'gathered' as const })), vitals: unhurt() } satisfies DemoState
  },
}

export function freshState(): DemoState {
  return { map: '', x: 0, y: 0, heading: 0, walk: { dx: 0, dy: 0 }, gathered: {}, owed: [], vitals: unhurt() }
}

/** A direction, never a position: the server moves the body at its own speed. */
export const walkInput = z.strictObject({ dx: z.number().min(-1).max(1), dy: z.number().min(-1).max(1) })
export type WalkInput = z.infer<typeof walkInput>

export const chatMessage = z.strictObject({ text: z.string().trim().min(1).max(200) })
export const gatherMessage = z.strictObject({ node: z.int().min(1) })
