import { schema, t } from '@colyseus/schema'
import { z } from 'zod'
import type { RoomState } from '../../../client/index.ts'
import { FIRST_THING } from '../../../gameserver/zone/zoneRoom.ts'

/** The saved state of a character. Plain JSON, and one type for all zones of the game, because a character takes it from map to map. */
export interface GladeState {
  x: number
  y: number
  heading: number
  walk: { dx: number; dy: number }
  lanternsLit: number
}

/** The input that a client sends many times a second: what it wants, never where it is. */
export const walkInput = z.strictObject({ dx: z.number().min(-1).max(1), dy: z.number().min(-1).max(1) })
export type WalkInput = z.infer<typeof walkInput>

/** A message that a client sends occasionally. */
export const lightMessage = z.strictObject({ lantern: z.int().min(FIRST_THING) })

/** Slow state that everybody in the glade receives. */
export const GladeNight = schema({ burning: t.uint8().default(0) }, 'GladeNight')
/** Slow state of a character that only its player receives. */
export const Lamplighter = schema({ lanternsLit: t.uint32() }, 'Lamplighter')
export type GladeView = RoomState<InstanceType<typeof GladeNight>, InstanceType<typeof Lamplighter>>

/** Kinds of entities and bits of their flags. The game defines them; each fits into one byte. */
export const KIND = { player: 0, lantern: 1 } as const
export const FLAG = { burning: 1 } as const

/** The same ids and positions in every copy of the map, so that a moved player keeps them in sight. */
export const lanterns = Array.from({ length: 6 }, (_, n) => ({
  id: FIRST_THING + n,
  kind: KIND.lantern,
  x: Math.round(12 * Math.cos((n * Math.PI) / 3)),
  y: Math.round(12 * Math.sin((n * Math.PI) / 3)),
  heading: 0,
  flags: 0,
  name: `Lantern ${n + 1}`,
}))
