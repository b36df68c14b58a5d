import type { Instant } from '../model/clock.ts'
import type { CharacterId, CopyId, MapName, MoveId } from '../model/ids.ts'
import type { MoveCause } from '../model/move.ts'
import type { ChatEvent } from '../model/wire/chat.ts'
import type { LineAnswer } from '../model/wire/matchmaker.ts'
import type { ChangeTopic, ClosingMessage, IdleMessage, LimitedMessage, LiveMessage, ProfileMessage, SavingMessage, WarnedMessage } from '../model/wire/room.ts'
import type { RoomState } from '../model/wire/roomState.ts'
import type { StrataClientError } from './errors.ts'
import type { ViewChange } from './worldView.ts'

export interface MovedEvent {
  move: MoveId
  cause: MoveCause
  from: { map: MapName; copy: CopyId }
  to: { map: MapName; copy: CopyId }
  /** Time from A's last snapshot to B's first, in ms: the world stood still. */
  gapMs: number
  /** Time from the freeze in A to B's first snapshot, in ms: no server moved the player's own body. */
  heldMs: number
  /** Number of inputs that were made in the gap and replayed to B. */
  replayed: number
  /** Entities that entered or left the view between A's last snapshot and B's first. */
  change: ViewChange
}

/** A member of the party travels and asks whether the player follows. */
export interface FollowOffer {
  from: { character: CharacterId; name: string }
  map: MapName
  /** The offer ends at this instant (ms since 1970). */
  until: Instant
  /** Travels to the member. Rejects like `travel`, and with MOVE_FAILED when the offer has ended. Without a call the player stays. */
  accept(): Promise<MovedEvent>
}

/** Events for the game. */
export interface WorldEvents<State extends RoomState = RoomState> {
  /** The character is live on a server: after a move and after a reconnect. */
  live: LiveMessage
  /** A snapshot was applied: entities that entered or left the view. Positions in `entities` change without further events. */
  snapshot: ViewChange & { tick: number }
  /** The slow state (`world.state`) has changed, or is that of another copy since a move. */
  state: State
  moved: MovedEvent
  /** A move failed. The player goes on in the same copy. */
  moveFailed: { move: MoveId; reason: string }
  /** A message of the game's server code. */
  message: { type: string; data: unknown }
  /** A chat message: of another player, of this player, or without `from` of the operators. `past`: it was sent before the character entered. */
  chat: ChatEvent
  /** The copy is closing. The game need not react; the player will be moved. */
  closing: ClosingMessage
  /** The database is slow or unreachable. The game goes on; the message says up to which time everything is saved. */
  saving: SavingMessage
  /** Others wait for a seat: a player without input until `leavesAt` loses the seat. Sent again without `leavesAt` when the warning ends. */
  idle: IdleMessage
  /** The server drops messages of this type because they come too fast. */
  limited: LimitedMessage
  /** The server saw a violation of this kind, and the policy of the map warns before it ends the session. */
  warned: WarnedMessage
  followOffer: FollowOffer
  /** Lists of the player that changed; read again those that the game shows. The event may be lost: after `live` everything may have changed. */
  changed: { topics: ChangeTopic[] }
  /** The character's name, languages, guild, party or attributes changed, or its friends or blocks. */
  profile: ProfileMessage
  line: LineAnswer
  reconnecting: { attempt: number; cause: StrataClientError }
  reconnected: { downMs: number }
  /** The world has ended: with an error, or without one after `leave()`. */
  closed: { error?: StrataClientError }
}
