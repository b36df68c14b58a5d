import type { Address } from '../../model/copy.ts'
import type { FleetName, ServerId } from '../../model/ids.ts'

/** The states of Agones, reduced to those that Strata distinguishes. */
export type GameServerState = 'Creating' | 'Ready' | 'Allocated' | 'Unhealthy' | 'Shutdown'

export interface GameServer {
  id: ServerId
  fleet: FleetName
  state: GameServerState
  address?: Address
  /** Marked for draining: by a fleet update, by a scale-down below the allocated servers, or by an operator (`drain`). */
  overflow: boolean
  /** Most copies that it hosts: the capacity of its counter `rooms`. */
  rooms?: number
}

/**
 * The port for game servers (pods or local processes). Adapters: `local/` (processes on this machine) and `agones/` (Kubernetes). The contract suite
 * `test/contract/fleets.ts` runs on each.
 */
export interface Fleets extends AsyncDisposable {
  /** All servers of all fleets, without a cache. */
  list(signal: AbortSignal): Promise<GameServer[]>
  /**
   * One Ready server becomes Allocated; undefined when none is Ready. Call it once per server, never once per player. After an aborted call a server may
   * be allocated nevertheless: it is listed as Allocated without copies, until it is used or given back (rule C4).
   */
  allocate(fleet: FleetName, signal: AbortSignal): Promise<GameServer | undefined>
  /** An Allocated server without copies becomes Ready, or ends when it is marked (rule C4). Does nothing in any other state and for an unknown server. */
  giveBack(server: ServerId, signal: AbortSignal): Promise<void>
  /** Sets the number of servers of the fleet, allocated ones included. It never ends an allocated server, but may mark it. Throws NOT_FOUND. */
  scale(fleet: FleetName, replicas: number, signal: AbortSignal): Promise<void>
  /** Marks a server (`overflow`) for draining. The mark is stored at the server, so it survives a change of leader. Throws NOT_FOUND. */
  drain(server: ServerId, signal: AbortSignal): Promise<void>
}
