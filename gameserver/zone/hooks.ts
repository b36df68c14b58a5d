import type { z } from 'zod'
import type { MapName } from '../../model/ids.ts'
import type { SeatHolder } from '../../model/seat.ts'
import type { EntityView } from '../../model/wire/snapshot.ts'
import type { Body } from './residents/resident.ts'

/** Where a body appears and how it looks. */
export type Appearance = Pick<EntityView, 'kind' | 'x' | 'y' | 'heading' | 'flags'>

/** What a studio writes for its zones. `State` is JSON; `Input` is what clients send many times a second. */
export interface ZoneHooks<State, Input> {
  /** Version of `State`; raise it together with a case in `migrate`, one release after a `migrate` that reads the new version, too. */
  readonly stateVersion: number
  /** The newest version that `migrate` reads; without it, `stateVersion`. Whoever was saved at a newer one is not placed here. */
  readonly readsVersion?: number
  readonly inputSchema: z.ZodType<Input>
  /** The state of a character that never played. */
  fresh(holder: SeatHolder): State
  /** A state that another version of the game saved: an older one, or, while a roll-out goes on, the next one. */
  migrate(state: unknown, version: number): State
  /** Called at each arrival, moves included: where the body stands here. A move within one map must keep the place. */
  spawn(state: State, holder: SeatHolder): Appearance
  /** What is to be saved of a body. The answer must not change afterwards. */
  save(body: Body<State>): State
  applyInput(body: Body<State>, input: Input): void
  /** One step of the simulation. */
  step(dtSeconds: number): void
  /** May it be moved to another copy now? Asked at each step while a move waits (rule M3). */
  canMove(body: Body<State>): boolean
  /** The neighbouring map that a body is about to walk into: a place there is made ready. */
  nearBorder(body: Body<State>): MapName | undefined
  /** Has it walked over the edge into `to`? Then it goes over, at once. */
  crossed(body: Body<State>, to: MapName): boolean
  /** Where it would stand on the ground of `to`, for what it is shown of there before. */
  across(body: Body<State>, to: MapName): { x: number; y: number } | undefined
  /** What a player is told of their own character when it goes live. */
  selfState(body: Body<State>): unknown
  entered(body: Body<State>): void
  /** It left, was moved away, or went live elsewhere. Its state cannot be changed any more. */
  left(body: Body<State>): void
  /** Its client dropped; the body stays for a moment and should stand still. */
  idle(body: Body<State>): void
}
