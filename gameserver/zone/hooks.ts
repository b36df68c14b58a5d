import type { Schema } from '@colyseus/schema'
import type { z } from 'zod'
import type { MapName } from '../../model/ids.ts'
import type { SeatHolder } from '../../model/seat.ts'
import type { EntityView } from '../../model/wire/snapshot.ts'
import type { Body } from './residents/resident.ts'

/** Position and look of a body. */
export type Appearance = Pick<EntityView, 'kind' | 'x' | 'y' | 'heading' | 'flags'>

/** An input (`type` is `__strata:input`) or a message that a client sent. */
export interface Sent {
  type: string
  data: unknown
  before: unknown
}

/**
 * The hooks of a studio's zones. A game must implement `stateVersion`, `inputSchema`, `fresh`, `spawn`, `applyInput` and `step`; `ZoneRoom` has defaults for the
 * others. `State` is JSON; `Input` is what clients send many times a second.
 */
export interface ZoneHooks<State, Input> {
  /** Version of `State` that this release saves. Raise it one release after the first release whose `migrate` can read the new version. */
  readonly stateVersion: number
  /** The newest version that `migrate` can read; default `stateVersion`. The matchmaker places no character here that was saved at a newer version. */
  readonly readsVersion?: number
  readonly inputSchema: z.ZodType<Input>
  /**
   * The game's own part of the room's slow state: an object of a class made by `schema` of @colyseus/schema. Change its fields at any time; every client in
   * the copy receives the changes within `patchEveryMs`.
   */
  readonly gameState: Schema | undefined
  /** Class of the game's own part of a character's state, which only its player receives. */
  readonly OwnState: (new () => Schema) | undefined
  /** Writes the character's values into its object of the class `OwnState`. Called before each patch; a value that did not change is not sent. */
  describeOwn(body: Body<State>, own: Schema): void
  /** Name of the copy for players, who tell each other where they are. */
  label(): string
  /** Returns the state of a character that has never played. */
  fresh(holder: SeatHolder): State
  /** Converts a state that another version of the game saved: an older one or, during a roll-out, the next one. */
  migrate(state: unknown, version: number): State
  /** Returns where the body appears. Called at every arrival, including moves; a move within one map must keep the position. */
  spawn(state: State, holder: SeatHolder): Appearance
  /** Returns the state to save. The returned object must not change afterwards. */
  save(body: Body<State>): State
  applyInput(body: Body<State>, input: Input): void
  /** Runs one simulation step. */
  step(dtSeconds: number): void
  /** Whether the body may be moved to another copy now. Called at each step while a move waits (rule M3). */
  canMove(body: Body<State>): boolean
  /** Whether the body may leave the world now, after its player left or dropped. While it may not, it stays, for `leaveWithinMs` at most. */
  canLeave(body: Body<State>): boolean
  /**
   * Whether an input or a message shows that the player is there. `before` is the last one of the same type, undefined after an arrival. A player
   * without activity loses the seat while others wait in line (`queue.idleRelease`).
   */
  isActivity(body: Body<State>, sent: Sent): boolean
  /** Returns the neighbouring map that the body is about to walk into. Its client then requests a seat there. */
  nearBorder(body: Body<State>): MapName | undefined
  /** Whether the body has walked over the border into `to`. If so, a prepared border move starts at once. */
  crossed(body: Body<State>, to: MapName): boolean
  /** Returns the body's position in the coordinates of `to`. A client on standby there receives the surroundings of this position. */
  across(body: Body<State>, to: MapName): { x: number; y: number } | undefined
  /** Returns what the player's client receives about its own character when the character goes live. */
  selfState(body: Body<State>): unknown
  entered(body: Body<State>): void
  /** The character left, was moved away or went live elsewhere. Changes to its state are not saved any more. */
  left(body: Body<State>): void
  /** The character's profile changed while it is live here: `body.holder` says the new name, guild, party, language and attributes. Also after a change of friends and blocks. */
  profileChanged(body: Body<State>): void
  /** The client has disconnected. The body stays for the grace time and should stand still. */
  disconnected(body: Body<State>): void
}
