import type { CopyId, MapName } from '../model/ids.ts'
import type { MoveCause } from '../model/move.ts'
import type { LineAnswer } from '../model/wire/matchmaker.ts'
import type { LiveMessage } from '../model/wire/room.ts'
import type { StrataClientError } from './errors.ts'
import type { ViewChange } from './worldView.ts'

export interface MovedEvent {
  move: string
  cause: MoveCause
  from: { map: MapName; copy: CopyId }
  to: { map: MapName; copy: CopyId }
  /** From the last state seen from A to the first seen from B. */
  gapMs: number
  /** Inputs made in the gap, and replayed. */
  replayed: number
}

/** What a game may listen to. */
export interface WorldEvents {
  /** The body is there: after entering, and after a reconnect. */
  live: LiveMessage
  /** Something came into sight, or left it; positions change in `entities` without an event each. */
  snapshot: ViewChange & { tick: number }
  moved: MovedEvent
  /** A move did not happen; one plays on. */
  moveFailed: { move: string; reason: string }
  /** A message of the game. */
  message: { type: string; data: unknown }
  /** The copy is being emptied; nothing to do. */
  closing: unknown
  line: LineAnswer
  reconnecting: { attempt: number }
  reconnected: { downMs: number }
  /** The end, with why; without an error it was one's own wish. */
  closed: { error?: StrataClientError }
}
