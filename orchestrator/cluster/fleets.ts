import type { Address } from '../../model/copy.ts'
import type { FleetName, ServerId } from '../../model/ids.ts'

/** Agones' states, as far as they matter here. */
export type GameServerState = 'Creating' | 'Ready' | 'Allocated' | 'Unhealthy' | 'Shutdown'

export interface GameServer {
  id: ServerId
  fleet: FleetName
  state: GameServerState
  address?: Address
  /** An update of the fleet, or a scale-down below what is allocated, marked it: drain it. */
  overflow: boolean
}

/**
 * Which servers exist (pods, or local processes), and the two things that Strata asks of them.
 * Adapters: `local/` (processes on this machine), later Agones. `test/contract/fleets.ts` runs on each.
 */
export interface Fleets extends AsyncDisposable {
  /** All servers of all fleets, read anew. */
  list(signal: AbortSignal): Promise<GameServer[]>
  /** One Ready server becomes Allocated; undefined when none is Ready. Never one call per player: one per server. */
  allocate(fleet: FleetName, signal: AbortSignal): Promise<GameServer | undefined>
  /** An Allocated server without copies goes back to Ready (rule C4). No-op in any other state. */
  giveBack(server: ServerId, signal: AbortSignal): Promise<void>
  /** How many servers the fleet should have, allocated ones included. */
  scale(fleet: FleetName, replicas: number, signal: AbortSignal): Promise<void>
}
