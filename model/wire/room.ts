import { z } from 'zod'
import type { Instant } from '../clock.ts'
import type { CloseReason } from '../copy.ts'
import type { CopyId, EntityId, Epoch, MapName, MoveId } from '../ids.ts'
import type { MoveCause } from '../move.ts'

/**
 * Messages between client SDK and room. Control messages begin with `__strata:`; everything else belongs to the game.
 * A room is joined by `joinById(copy, { ticket })`.
 */
export const control = {
  /** server → client after a joining with a ticket without `move`, and after an activation: the body is there. */
  live: '__strata:live',
  /** A → client: a seat is held for you there; stand by. */
  offer: '__strata:offer',
  /** client → A: standing by at B. */
  arrived: '__strata:arrived',
  /** client → A: B could not be reached; the move fails and you play on. */
  declined: '__strata:declined',
  /** A → client: the release begins; until `live` at B, or `stay`, no server moves your body. A shows the world around it all the while. */
  hold: '__strata:hold',
  /** A → client: released; activate at B now. */
  go: '__strata:go',
  /** client → B: claim me. */
  activate: '__strata:activate',
  /** A → client: the move is off, or A claimed you back: you play on here. */
  stay: '__strata:stay',
  /** A → client: you are near another map; a place there should be ready before you are at the edge. */
  border: '__strata:border',
  /** A → client: the copy is closing (notice for the player). */
  closing: '__strata:closing',
  /** server → client: play on, saving is late; and again when it is not any more. */
  saving: '__strata:saving',
  /** server → client: do something, or somebody who waits gets your seat; and again when that is over. */
  idle: '__strata:idle',
  /** client → server: one input of the game, numbered. */
  input: '__strata:input',
  /** server → client: inputs up to this number were applied. */
  ack: '__strata:ack',
} as const

export interface OfferMessage {
  move: MoveId
  cause: MoveCause
  map: MapName
  copy: CopyId
  address: string
  ticket: string
  /** Where one would be at B, as B counts it, when that is another map's ground. */
  at?: { x: number; y: number }
  /** Bodies that move along: kept on screen until the destination shows them (rule M5). */
  companions: EntityId[]
}
export interface HoldMessage {
  move: MoveId
}
export interface GoMessage {
  move: MoveId
  epoch: Epoch
  /** The last input that A applied: later ones are replayed to B. */
  lastInput: number
}
export interface StayMessage {
  move: MoveId
  reason: string
  lastInput: number
}
export interface LiveMessage {
  map: MapName
  copy: CopyId
  server: string
  entity: EntityId
  epoch: Epoch
  lastInput: number
  /** Ticks per second of the room, so that a client can interpolate. */
  tickRate: number
  /** Whatever the game tells a player of their own character (`ZoneRoom.selfState`). */
  self: unknown
}

export interface AckMessage {
  lastInput: number
}
export interface BorderMessage {
  map: MapName
}
export interface SavingMessage {
  late: boolean
  /** What is not saved is from this instant on: a crash would lose it. */
  since: Instant
}
export interface IdleMessage {
  /** Absent: the warning is over. */
  leavesAt?: Instant
}
export interface ClosingMessage {
  reason: CloseReason
  /** After it players are moved whatever they do. */
  deadline: Instant
}

/** Options of `joinById`. On standby `at` is where the player is in the copy that they come from: that is what they are shown. */
export const joinOptions = z.strictObject({
  ticket: z.string().max(2048),
  at: z.strictObject({ x: z.number().min(-1024).max(1024), y: z.number().min(-1024).max(1024) }).exactOptional(),
})

export const arrivedMessage = z.strictObject({ move: z.string().max(64) })
export const declinedMessage = z.strictObject({ move: z.string().max(64), reason: z.string().max(200) })
export const activateMessage = z.strictObject({ move: z.string().max(64), epoch: z.int().min(0) })
/** `seq` rises by one per input over the whole session, across moves: a server applies each once and in order. */
export const inputMessage = z.strictObject({ seq: z.int().min(1), data: z.unknown() })

/** Type byte of the binary snapshot (`client.sendBytes`). */
export const SNAPSHOT = 's'
