import type { CryptoKey } from 'jose'
import type { Directory } from '../../directory/directory.ts'
import type { Clock, DurationMs, Instant } from '../../model/clock.ts'
import type { Copy, StateVersions } from '../../model/copy.ts'
import type { CopyId, ServerId } from '../../model/ids.ts'
import type { MoveOrder } from '../../model/move.ts'
import type { Random } from '../../model/random.ts'
import type { Presence, Seat } from '../../model/seat.ts'
import type { Logger } from '../../service/log.ts'
import type { Economy } from '../../store/economy/economy.ts'
import type { Store } from '../../store/store.ts'
import type { GameServerMetrics } from '../metrics.ts'
import type { TicketBook } from './connection/ticketBook.ts'

/** A room as the rest of its process sees it. */
export interface HostedRoom {
  readonly copy: CopyId
  readonly states: StateVersions
  /** Nobody is here, and nobody is on the way in or out. */
  readonly empty: boolean
  readonly population: number
  /** Seats of all who are here: what the directory must know as taken. */
  seats(): Seat[]
  /** Where all who are here are live. */
  presences(): Presence[]
  copyChanged(copy: Copy): void
  takeOrder(order: MoveOrder): void
  /** So many wait for a seat on this map, for which whoever is idle for `afterMs` makes room; undefined: nobody has to. */
  makeRoom(line: { waiting: number; afterMs: DurationMs } | undefined): void
  /** Somebody claimed a character, perhaps one that is here. */
  claimSeen(presence: Presence): void
  /** Everybody is saved and leaves. */
  close(code: number): Promise<void>
}

/** What all rooms of a process share. */
export interface ZoneServices {
  server: ServerId
  clock: Clock
  random: Random
  log: Logger
  directory: Directory
  store: Store
  /** Items and money; a world may do without. */
  economy?: Economy
  /** Public keys: a server checks tickets and cannot make them (rule S5). */
  ticketKeys: readonly CryptoKey[]
  tickets: TicketBook
  metrics: GameServerMetrics
  rooms: Map<CopyId, HostedRoom>
  /** This process was told to stop: at this instant whoever is left is disconnected. */
  leavesBy?: Instant
}
