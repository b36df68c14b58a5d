import type { Instant } from '../model/clock.ts'
import type { Copy, CopyState } from '../model/copy.ts'
import type { CharacterId, CopyId, MapName, MoveId, ServerId } from '../model/ids.ts'
import type { LineEntry } from '../model/line.ts'
import type { MoveOrder, MoveOutcome } from '../model/move.ts'
import type { Presence, Seat, SeatRequest } from '../model/seat.ts'
import type { ServerReport } from '../model/server.ts'

/**
 * The live truth: which copies exist, who sits where, who waits, what servers say, which moves are ordered.
 * Adapters: memory (tests, simulator) and Redis; `test/contract/directory.ts` runs on both. All of it can be emptied
 * at any time and is made whole by the servers' reports (rule D1).
 *
 * Every call may be repeated safely. Calls on one map are atomic; there is no atomicity across maps.
 */
export interface Directory extends AsyncDisposable {
  // --- copies ---------------------------------------------------------------------------------------------------
  /** Adds a copy unless its id is known; `false` when it was. */
  addCopy(copy: Copy): Promise<boolean>
  /** Replaces the copy when its present state is `from`; `false` otherwise (somebody was faster). */
  changeCopy(copy: Copy, from: CopyState): Promise<boolean>
  /** Removes the copy with its seats. */
  removeCopy(map: MapName, copy: CopyId): Promise<void>
  /** Puts back a copy that the directory lost, with the seats that its server knows to be taken; no-op where both are known. */
  restoreCopy(copy: Copy, taken: Seat[]): Promise<void>

  // --- seats ----------------------------------------------------------------------------------------------------
  /** Holds seats for all holders in the first option that is open and fits (held + taken + holders ≤ limit), or nothing.
   *  A holder's earlier seat in that same copy is replaced, not counted twice. Returns the copy, or undefined. */
  holdSeats(request: SeatRequest): Promise<CopyId | undefined>
  /** held → taken. `false`: the seat has lapsed (rule S4) or never was. */
  takeSeat(map: MapName, copy: CopyId, character: CharacterId, now: Instant): Promise<boolean>
  /** Whoever had taken the seat is gone: it is free, or held for them when it was promised to them anew. A held one stays. */
  freeSeat(map: MapName, copy: CopyId, character: CharacterId): Promise<void>
  /** What was held or promised until `heldUntil` is not wanted: it is free, or as if it had not been promised. A hold is known by its
   *  deadline: one that replaced it meanwhile stays, and so does a seat that was taken. */
  giveBackSeat(map: MapName, copy: CopyId, character: CharacterId, heldUntil: Instant): Promise<void>
  /** Frees held seats past their deadline on one map; returns how many. Callers need not: holdSeats does it first, too. */
  sweepSeats(map: MapName, now: Instant): Promise<number>

  // --- presence -------------------------------------------------------------------------------------------------
  /** Says where a character is live. An older epoch never replaces a newer one; the server of the older one hears of the newer. */
  setPresence(presence: Presence): Promise<void>
  /** Clears it if it is still this epoch's. */
  clearPresence(character: CharacterId, epoch: number): Promise<void>
  presence(characters: readonly CharacterId[]): Promise<Map<CharacterId, Presence>>

  // --- servers --------------------------------------------------------------------------------------------------
  reportServer(report: ServerReport): Promise<void>
  servers(): Promise<ServerReport[]>
  removeServer(server: ServerId): Promise<void>

  // --- line -----------------------------------------------------------------------------------------------------
  /** Adds or renews a place; returns it as it stands, with the arrival that counts, which is the first. Order is by `lineOrder`, then id
   *  (rule Q1). Undefined: the line has `max` entries already. */
  joinLine(entry: LineEntry, max: number): Promise<LineEntry | undefined>
  /** Keeps a place until `keepUntil`; `false` when it is gone. */
  renewLine(map: MapName, id: string, keepUntil: Instant): Promise<boolean>
  leaveLine(map: MapName, id: string): Promise<void>
  /** 0-based position over all ranks, and length; undefined when not in line. Lapsed places are dropped first. */
  linePosition(map: MapName, id: string, now: Instant): Promise<{ position: number; length: number } | undefined>
  /** The first `count` places. Lapsed ones are dropped first. */
  lineHead(map: MapName, count: number, now: Instant): Promise<LineEntry[]>
  /** In one step: if this entry is the first, hold its seats as `holdSeats` does, take it out of the line and remember the copy
   *  until the seat's deadline (`promoted`). Returns the copy, or undefined when it is not first or nothing fits.
   *  Places in `passing` may stand before it: they wait for one copy that is full, and hold up nobody else. With `perSecond`
   *  no more people than that are promoted on this map in a second, by all callers together. */
  promote(entry: LineEntry, request: SeatRequest, passing?: readonly string[], perSecond?: number): Promise<CopyId | undefined>
  /** The copy that a promoted place got, while the held seat lives. */
  promoted(map: MapName, id: string): Promise<{ copy: CopyId; deadline: Instant } | undefined>

  // --- moves ----------------------------------------------------------------------------------------------------
  /** Puts an order into the mailbox of its source server. */
  orderMove(order: MoveOrder): Promise<void>
  /** All orders in a server's mailbox, oldest first. */
  movesFor(server: ServerId): Promise<MoveOrder[]>
  /** Takes the order out of the mailbox and tells watchers how it ended. */
  settleMove(server: ServerId, outcome: MoveOutcome): Promise<void>

  // --- watching -------------------------------------------------------------------------------------------------
  /** All copies and seats of one map, the length of its line, and the event number they stand at. */
  snapshot(map: MapName): Promise<MapSnapshot>
  /** Number of the last event of each of these maps, 0 for one without any. Lower than one that was seen: the directory was emptied. */
  seqs(maps: readonly MapName[]): Promise<Map<MapName, number>>
  /** Maps that have, or had, copies or places in line. */
  maps(): Promise<MapName[]>
  /** Resolves when it hears; events from then on, until `signal` aborts. `gap` tells that some were missed: read snapshots anew. */
  watch(signal: AbortSignal, hearing?: Hearing): Promise<AsyncIterable<DirectoryEvent>>
}

export interface MapSnapshot {
  map: MapName
  /** Number of the last event of this map contained in the snapshot. */
  seq: number
  copies: Copy[]
  seats: { copy: CopyId; seat: Seat }[]
  waiting: number
}

export interface Hearing {
  /**
   * Only what this server acts on: copies, orders in its own mailbox, its characters that are live elsewhere. Each game server would
   * hear of every seat of the world otherwise. Numbers of a part have holes that say nothing: whoever hears a part reads anew from time to time.
   */
  onlyFor?: ServerId
}

/** `seq` counts per map, without holes. */
export type DirectoryEvent =
  | { type: 'copy'; map: MapName; seq: number; copy: Copy }
  | { type: 'copyRemoved'; map: MapName; seq: number; copy: CopyId }
  | { type: 'seats'; map: MapName; seq: number; copy: CopyId; set: Seat[]; freed: CharacterId[] }
  /** `turn`: somebody got the seats that they waited for; absent when places came or went otherwise. */
  | { type: 'line'; map: MapName; seq: number; waiting: number; turn?: true }
  | { type: 'server'; server: ServerId; report?: ServerReport }
  /** A character of this server is live elsewhere, under a newer epoch; heard by `onlyFor` this server and by nobody else. The character is named
   *  once more beside the presence because servers of the release before look for it there. */
  | { type: 'presence'; server: ServerId; character: CharacterId; presence: Presence }
  /** A doorbell: this server's mailbox has something. */
  | { type: 'moveOrdered'; server: ServerId; move: MoveId }
  | { type: 'moveSettled'; server: ServerId; outcome: MoveOutcome }
  | { type: 'gap' }
