import type { EntityId } from '../ids.ts'

/** One entity (a character or a thing) as a client sees it. Positions in metres, heading in radians. */
export interface EntityView {
  id: EntityId
  /** Kind of entity, defined by the game; 0 is a player. */
  kind: number
  x: number
  y: number
  /** Height in metres, in games of three dimensions. */
  z?: number
  heading: number
  /** Eight bits, defined by the game. */
  flags: number
  name: string
}

/** The values of an entity that changed; members that are absent did not. Also has the fields that the game declares (`entities/`). */
export type EntityChange = Pick<EntityView, 'id'> & Partial<EntityView>

/** Changes in one player's area of interest since the previous snapshot. With `full`, the client discards what is not in `entered`. */
export interface Snapshot {
  tick: number
  /** Number of the newest input of this client that the server has applied. The values of the player's own body are those after it. */
  lastInput: number
  full: boolean
  entered: EntityView[]
  changed: EntityChange[]
  left: EntityId[]
}
