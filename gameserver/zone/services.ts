import type { CryptoKey } from 'jose'
import type { Directory, ServerWord } from '../../directory/directory.ts'
import type { Clock, DurationMs, Instant } from '../../model/clock.ts'
import type { Copy, StateVersions } from '../../model/copy.ts'
import type { StrataError } from '../../model/errors.ts'
import type { Violation } from '../../model/fairness.ts'
import type { CharacterId, CopyId, ServerId } from '../../model/ids.ts'
import type { LoadLevel } from '../../model/load.ts'
import type { MoveOrder } from '../../model/move.ts'
import type { Random } from '../../model/random.ts'
import type { Presence, Seat, SeatHolder } from '../../model/seat.ts'
import type { NoticeMessage } from '../../model/wire/room.ts'
import type { SealKeys } from '../../service/keys/sealedTickets.ts'
import type { Logger } from '../../service/log.ts'
import type { Economy } from '../../store/economy/economy.ts'
import type { SocialProfile, Store } from '../../store/store.ts'
import type { GameServerMetrics } from '../metrics.ts'
import type { ChatHub } from './chat/chatHub.ts'
import type { TicketBook } from './connection/ticketBook.ts'
import type { RoomShares } from './load/roomShares.ts'
import type { SaveBatches } from './residents/saveBatches.ts'

/** The message by which a login elsewhere asks for a character that is live here. */
export type LetGoRequest = Extract<ServerWord, { type: 'letGo' }>

/** Knows which code of a game runs, so that a loop without an end has a name (`gameserver/watchdog/`). */
export interface Watch {
  run<T>(copy: CopyId, hook: string, code: () => T): T
  /** The copy is closed. */
  forget(copy: CopyId): void
}

/** The interface of a room for the rest of its process. */
export interface HostedRoom {
  readonly copy: CopyId
  readonly states: StateVersions
  /** No character is in the room, joining, leaving or on standby, and no move is in progress. */
  readonly empty: boolean
  readonly population: number
  /** How short of CPU the room is. */
  readonly load: LoadLevel
  /** Seats of all characters in the room. The directory must list them as taken. */
  seats(): Seat[]
  /** Presence entries of all live characters in the room. */
  presences(): Presence[]
  copyChanged(copy: Copy): void
  takeOrder(order: MoveOrder): void
  /**
   * Releases players who have been idle for `afterMs` while `waiting` players stand in line for this map. Called about once a second; undefined
   * when nobody waits or the policy does not release idle players.
   */
  releaseIdle(line: { waiting: number; afterMs: DurationMs } | undefined): void
  /** Passes a notice on to the player of a character that is live in this room. */
  tellPlayer(character: CharacterId, notice: NoticeMessage): void
  /** A character was claimed, possibly one that is in this room. */
  claimSeen(presence: Presence): void
  /** The store was asked for the profiles of these characters, some of whom may be here. Seats and sessions follow them. */
  profilesRead(reading: ProfileReading): void
  /** Ends the session of a character that is in this room: it is saved, then its client is closed with the reason. */
  dismiss(character: CharacterId, reason: StrataError): void
  /** A login elsewhere waits for a character of this room: it is saved and leaves, unless the game keeps it (`canLeave`). */
  letGo(request: LetGoRequest): void
  /** Saves and disconnects all players, and disposes of the room. */
  close(code: number): Promise<void>
}

/**
 * Whether the seat is written to the directory after the reading. `never`: a matchmaker has written it. `changed`: only when the body differed, because its
 * ticket was older. `always`: the seat in the directory differs.
 */
export type SeatWrite = 'never' | 'changed' | 'always'

/** Profiles as the store had them at one moment. */
export interface ProfileReading {
  /** The characters that were asked for. One that is missing in `profiles` does not exist any more. */
  asked: ReadonlyMap<CharacterId, SeatWrite>
  profiles: ReadonlyMap<CharacterId, SocialProfile>
  /** What a matchmaker wrote into seats, for languages and attributes: the policy of the map counts these in its own way. */
  seats: ReadonlyMap<CharacterId, SeatHolder>
}

/** Services that all rooms of a process share. */
export interface ZoneServices {
  server: ServerId
  clock: Clock
  random: Random
  log: Logger
  directory: Directory
  store: Store
  /** Items and money; undefined in a world without an economy. */
  economy?: Economy
  /** Public keys: a server can verify tickets but not sign them (rule S5). */
  ticketKeys: readonly CryptoKey[]
  tickets: TicketBook
  /** Opens the tickets of moves that are sealed for this server. Absent in the simulation, which seals none. */
  sealKeys?: SealKeys
  /** Undefined in a process without chat, such as the simulation. */
  chat?: ChatHub
  metrics: GameServerMetrics
  /** Saves the characters of all rooms together. */
  saves: Pick<SaveBatches, 'add' | 'soon'>
  /** Absent in the simulation, and where the setting WATCHDOG_MS is 0. */
  watchdog?: Watch
  /** How much of the process each room uses. Absent in the simulation. */
  shares?: RoomShares
  /** Stores violations for moderators. Absent in the simulation. */
  violations?: { add(violation: Violation): void }
  /** How long a body stays after its client disconnected, so that the client can come back. Absent: `GRACE_MS`. */
  graceMs?: DurationMs
  rooms: Map<CopyId, HostedRoom>
  /** Reads profiles again soon: of characters that entered or were claimed back, or whose seats differ. */
  profiles: { check(characters: readonly CharacterId[], write: SeatWrite, seats?: readonly SeatHolder[]): void }
  /** Set when this process is stopping: at this time the remaining players are disconnected. */
  leavesBy?: Instant
}
