import type { CopyId, MapName } from '../model/ids.ts'
import type { MoveCause } from '../model/move.ts'
import type { LineAnswer } from '../model/wire/matchmaker.ts'
import type { ClosingMessage, IdleMessage, LiveMessage, SavingMessage } from '../model/wire/room.ts'
import type { StrataClientError } from './errors.ts'
import type { ViewChange } from './worldView.ts'

export interface MovedEvent {
  move: string
  cause: MoveCause
  from: { map: MapName; copy: CopyId }
  to: { map: MapName; copy: CopyId }
  /** From A's last picture to B's first: so long the world stood still. */
  gapMs: number
  /** From the freeze in A to B's first picture: so long no server moved one's own body, in a world that went on. */
  heldMs: number
  /** Inputs made in the gap, and replayed. */
  replayed: number
  /** What came into sight and what left it in the step from A's picture to B's. */
  change: ViewChange
}

/** What a game may listen to. */
export interface WorldEvents {
  /** The body is there: after a move, and after a reconnect. */
  live: LiveMessage
  /** Something came into sight, or left it; positions change in `entities` without an event each. */
  snapshot: ViewChange & { tick: number }
  moved: MovedEvent
  /** A move did not happen; one plays on. */
  moveFailed: { move: string; reason: string }
  /** A message of the game. */
  message: { type: string; data: unknown }
  /** The copy is being emptied; nothing to do. */
  closing: ClosingMessage
  /** The game's database is slow or away: one plays on, and is told until when everything is safe. */
  saving: SavingMessage
  /** Others wait for a seat: who does nothing until `leavesAt` gives up theirs. Comes again without it when the warning is over. */
  idle: IdleMessage
  line: LineAnswer
  reconnecting: { attempt: number; cause: StrataClientError }
  reconnected: { downMs: number }
  /** The end, with why; without an error it was one's own wish. */
  closed: { error?: StrataClientError }
}
