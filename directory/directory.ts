import type { DurationMs, Instant } from '../model/clock.ts'
import type { Copy, CopyState } from '../model/copy.ts'
import type { ErrorCode } from '../model/errors.ts'
import type { CharacterId, CopyId, MapName, MoveId, ServerId } from '../model/ids.ts'
import type { LineEntry } from '../model/line.ts'
import type { MoveOrder, MoveOutcome } from '../model/move.ts'
import type { Presence, Seat, SeatHolder, SeatRequest } from '../model/seat.ts'
import type { ServerReport } from '../model/server.ts'
import type { NoticeMessage } from '../model/wire/room.ts'
import type { ChatDirectory } from './chat.ts'

/**
 * The live state: copies, seats, places in line, server reports, ordered moves, and the chat between servers (`chat.ts`). Adapters: memory (tests,
 * simulator) and Redis;
 * `test/contract/directory.ts` runs on both. The directory may lose all its data at any time; the servers' reports restore it (rule D1).
 *
 * One clock counts the time until a deadline: that of the directory. A caller passes the deadline and its own `now`, and only the difference counts, so its clock
 * may be wrong. The deadline itself identifies a hold.
 *
 * Every call is idempotent. Calls on one map are atomic; there is no atomicity across maps.
 */
export interface Directory extends ChatDirectory, AsyncDisposable {
  /** One round trip that writes. Throws DEPENDENCY_DOWN, also while the server only takes reads (a demoted primary). */
  ping(): Promise<void>
  /** How far the clock of this process is behind that of the directory, in ms; negative when it is ahead. Undefined: not measured yet. */
  readonly clockOffsetMs: DurationMs | undefined

  // --- copies ---------------------------------------------------------------------------------------------------
  /** Adds a copy. `false`: a copy with this id exists already. */
  addCopy(copy: Copy): Promise<boolean>
  /** Replaces the copy if its stored state is `from`. `false`: it has another state, because another process changed it first. */
  changeCopy(copy: Copy, from: CopyState): Promise<boolean>
  /** Removes the copy and its seats. */
  removeCopy(map: MapName, copy: CopyId): Promise<void>
  /** Restores a copy that the directory lost, with the seats that its server reports as taken. Does nothing for what is stored already. */
  restoreCopy(copy: Copy, taken: Seat[]): Promise<void>

  // --- seats ----------------------------------------------------------------------------------------------------
  /** Holds seats for all holders in the first option that is open and has room (held + taken + holders ≤ limit). If no option has room, it holds
   *  no seat and returns undefined. A seat that a holder has in that copy already is replaced, so it counts once. Returns the copy. */
  holdSeats(request: SeatRequest): Promise<CopyId | undefined>
  /** held → taken. `false`: the seat has lapsed (rule S4) or did not exist. */
  takeSeat(map: MapName, copy: CopyId, character: CharacterId, now: Instant): Promise<boolean>
  /** Ends a taken seat because the character left. A promised seat becomes held; otherwise it is freed. A held seat stays. */
  freeSeat(map: MapName, copy: CopyId, character: CharacterId): Promise<void>
  /** Frees the seat that is held until `heldUntil`, or removes the promise with that deadline from a taken seat. The deadline identifies the
   *  hold: a newer hold with another deadline stays, and so does the taken seat itself. */
  giveBackSeat(map: MapName, copy: CopyId, character: CharacterId, heldUntil: Instant): Promise<void>
  /** Frees the held seats of one map whose deadline has passed; returns how many. `holdSeats` does the same before it looks for room. */
  sweepSeats(map: MapName, now: Instant): Promise<number>

  /** Replaces what the seats of these characters in one copy say of them, and keeps the state of each seat. Characters without a seat there are skipped. */
  describeSeats(map: MapName, copy: CopyId, holders: readonly SeatHolder[]): Promise<void>

  // --- presence -------------------------------------------------------------------------------------------------
  /** Records where a character is live. An older epoch never replaces a newer one; the server with the older epoch gets a `presence` event. */
  setPresence(presence: Presence): Promise<void>
  /** Clears the presence if it has this epoch or an older one: a character claimed at this epoch is live nowhere at an older one. */
  clearPresence(character: CharacterId, epoch: number): Promise<void>
  presence(characters: readonly CharacterId[]): Promise<Map<CharacterId, Presence>>

  // --- servers --------------------------------------------------------------------------------------------------
  reportServer(report: ServerReport): Promise<void>
  servers(): Promise<ServerReport[]>
  removeServer(server: ServerId): Promise<void>

  // --- line -----------------------------------------------------------------------------------------------------
  /** Adds or renews a place and returns the stored place, which keeps its first arrival. Order is by `lineOrder`, then id (rule Q1).
   *  Undefined: the line has `max` entries already. */
  joinLine(entry: LineEntry, max: number, now: Instant): Promise<LineEntry | undefined>
  /** Keeps a place until `keepUntil`. `false`: the place does not exist. */
  renewLine(map: MapName, id: string, keepUntil: Instant, now: Instant): Promise<boolean>
  leaveLine(map: MapName, id: string): Promise<void>
  /** 0-based position over all ranks, and the length of the line. Undefined: not in line. Removes lapsed places first. */
  linePosition(map: MapName, id: string, now: Instant): Promise<{ position: number; length: number } | undefined>
  /** The first `count` places. Removes lapsed places first. */
  lineHead(map: MapName, count: number, now: Instant): Promise<LineEntry[]>
  /** Atomically, if this entry is the first: holds its seats as `holdSeats` does, removes it from the line and stores the copy for `promoted`.
   *  Returns the copy. Undefined: the entry is not the first, or no option has room. Ids in `skippable` may be before the entry: none of
   *  the free seats fits them, or their guild had its share, and they must not block the others. `perSecond` limits the people promoted on this map per second, over all callers. 0: no limit. */
  promote(entry: LineEntry, request: SeatRequest, skippable?: readonly string[], perSecond?: number): Promise<CopyId | undefined>
  /** The copy of a promoted place, as long as its seat exists. */
  promoted(map: MapName, id: string): Promise<{ copy: CopyId; deadline: Instant } | undefined>

  // --- moves ----------------------------------------------------------------------------------------------------
  /** Adds an order to the mailbox of its source server. */
  orderMove(order: MoveOrder): Promise<void>
  /** All orders in a server's mailbox, oldest first. */
  movesFor(server: ServerId): Promise<MoveOrder[]>
  /** Removes the order from the mailbox and sends watchers its outcome. */
  settleMove(server: ServerId, outcome: MoveOutcome): Promise<void>

  // --- messages to servers -------------------------------------------------------------------------------------------
  /** Sends an event to one server, at most once: it is lost when the server is not connected at that moment. */
  tellServer(event: ServerWord): Promise<void>

  // --- watching -------------------------------------------------------------------------------------------------
  /** All copies and seats of one map, the length of its line, and the number of the last event that they include. */
  snapshot(map: MapName): Promise<MapSnapshot>
  /**
   * A snapshot that has only the copies that `server` hosts and the `listed` ones, with their seats. `listed`: only the latter, which costs nothing for the other
   * copies of the map. Each server reads it once a second.
   */
  hosted(map: MapName, server: ServerId, listed: readonly CopyId[], which?: 'all' | 'listed'): Promise<MapSnapshot>
  /** Number of the last event of each map; 0: no event. A number lower than one seen before shows that the directory lost its data. */
  seqs(maps: readonly MapName[]): Promise<Map<MapName, number>>
  /** Maps that have, or had, copies or places in line. */
  maps(): Promise<MapName[]>
  /** Resolves when the subscription is active; yields the events from then on, until `signal` aborts. After `gap`, events are missing: read snapshots. */
  watch(signal: AbortSignal, subscription?: Subscription): Promise<AsyncIterable<DirectoryEvent>>
}

export interface MapSnapshot {
  map: MapName
  /** Number of the last event of this map that the snapshot includes. */
  seq: number
  copies: Copy[]
  seats: { copy: CopyId; seat: Seat }[]
  waiting: number
}

export interface Subscription {
  /**
   * Only the events that this game server acts on: copies, orders in its own mailbox, and its characters that are live elsewhere. Otherwise each
   * game server would receive every seat event of the world. The event numbers of such a subscription have gaps even if nothing was missed, so
   * the subscriber must read the directory again from time to time.
   */
  onlyFor?: ServerId
}

/** `seq` counts the events of each map, without gaps. */
export type DirectoryEvent =
  | { type: 'copy'; map: MapName; seq: number; copy: Copy }
  | { type: 'copyRemoved'; map: MapName; seq: number; copy: CopyId }
  | { type: 'seats'; map: MapName; seq: number; copy: CopyId; set: Seat[]; freed: CharacterId[] }
  /** `turn`: a place was promoted. Absent: places were added, removed or dropped. */
  | { type: 'line'; map: MapName; seq: number; waiting: number; turn?: true }
  | { type: 'server'; server: ServerId; report?: ServerReport }
  /** A character of this server is live elsewhere with a newer epoch. Only a subscription with `onlyFor` this server receives it. `character`
   *  repeats `presence.character`, because servers of the previous release read it there. */
  | { type: 'presence'; server: ServerId; character: CharacterId; presence: Presence }
  /** A wake-up: the mailbox of this server has a new order. */
  | { type: 'moveOrdered'; server: ServerId; move: MoveId }
  | { type: 'moveSettled'; server: ServerId; outcome: MoveOutcome }
  | ServerWord
  | { type: 'gap' }

/** What one server has to know at once. It reads what lasts from the store by itself. */
export type ServerWord =
  /**
   * What seats, chat or sanctions depend on changed for characters that are live on this server. `holders`: what their seats say now. A server needs it for
   * languages and attributes, which the policy of the map counts in its own way, and servers read no policies.
   */
  | { type: 'profilesChanged'; server: ServerId; characters: CharacterId[]; holders?: SeatHolder[] }
  /** A notice for the player of a character on this server. It may be lost: the player reads everything again when it enters. */
  | { type: 'tellPlayer'; server: ServerId; character: CharacterId; notice: NoticeMessage }
  /** The session of a character on this server ends; the client is closed with `code`. */
  | { type: 'dismiss'; server: ServerId; character: CharacterId; code: ErrorCode; reason: string }
  /**
   * A login waits for a character that is live in `copy` of this server at `epoch`. The server saves the character and clears its presence, or answers with
   * `keeps` in the presence, which repeats `ask`.
   */
  | { type: 'letGo'; server: ServerId; copy: CopyId; character: CharacterId; epoch: number; ask: string }
