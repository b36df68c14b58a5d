import type { Address } from '../../model/copy.ts'
import type { FleetName, ServerId } from '../../model/ids.ts'

/** Agones' states, as far as they matter here. */
export type GameServerState = 'Creating' | 'Ready' | 'Allocated' | 'Unhealthy' | 'Shutdown'

export interface GameServer {
  id: ServerId
  fleet: FleetName
  state: GameServerState
  address?: Address
  /** An update of the fleet, a scale-down below what is allocated, or an operator (`drain`) marked it: drain it. */
  overflow: boolean
  /** Capacity of its counter `rooms`: copies that it may host at most. */
  rooms?: number
}

/**
 * Which servers exist (pods, or local processes), and the few things that Strata asks of them.
 * Adapters: `local/` (processes on this machine), later Agones. `test/contract/fleets.ts` runs on each.
 */
export interface Fleets extends AsyncDisposable {
  /** All servers of all fleets, read anew. */
  list(signal: AbortSignal): Promise<GameServer[]>
  /** One Ready server becomes Allocated; undefined when none is Ready. Never one call per player: one per server. A caller who gives up may
   *  have got one all the same: it is listed as Allocated, and stands without copies until it is used or given back (rule C4). */
  allocate(fleet: FleetName, signal: AbortSignal): Promise<GameServer | undefined>
  /** An Allocated server without copies goes back to Ready, or ends when it is marked (rule C4). No-op in any other state, and for one that is gone. */
  giveBack(server: ServerId, signal: AbortSignal): Promise<void>
  /** How many servers the fleet should have, allocated ones included. An allocated server is never ended by it, only marked. Throws NOT_FOUND. */
  scale(fleet: FleetName, replicas: number, signal: AbortSignal): Promise<void>
  /** Marks a server (`overflow`), so that it is emptied and leaves, whoever leads then. Throws NOT_FOUND. */
  drain(server: ServerId, signal: AbortSignal): Promise<void>
}
