import type { KubernetesObject } from '@kubernetes/client-node'
import { defined } from '../../../model/defined.ts'
import type { GameServer, GameServerState } from '../fleets.ts'

/** The fields of Agones' objects that Strata reads (agones.dev/v1, allocation.agones.dev/v1). */
export interface AgonesGameServer extends KubernetesObject {
  spec?: { counters?: Record<string, { capacity?: number }> }
  status?: {
    state?: string
    address?: string
    ports?: { name: string; port: number }[]
    counters?: Record<string, { count?: number; capacity?: number }>
  }
}

export interface AgonesAllocation extends KubernetesObject {
  status?: { state?: 'Allocated' | 'UnAllocated' | 'Contention'; gameServerName?: string }
}

export const FLEET_LABEL = 'agones.dev/fleet'
/** Annotation that marks a server for draining. Fleets set it by `allocationOverflow`; operators set it on one server. */
export const DRAIN_ANNOTATION = 'strata.dev/drain'

const states: Record<string, GameServerState> = {
  Ready: 'Ready',
  Allocated: 'Allocated',
  Reserved: 'Allocated',
  Shutdown: 'Shutdown',
  Error: 'Unhealthy',
  Unhealthy: 'Unhealthy',
}

/** Maps the eleven states of Agones to five. Returns undefined for a server without a fleet. */
export function toGameServer(object: AgonesGameServer): GameServer | undefined {
  const { metadata, spec, status } = object
  const fleet = metadata?.labels?.[FLEET_LABEL]
  const id = metadata?.name
  if (fleet === undefined || id === undefined) return undefined
  const leaving = metadata?.deletionTimestamp !== undefined
  const port = status?.ports?.[0]?.port
  const rooms = status?.counters?.['rooms']?.capacity ?? spec?.counters?.['rooms']?.capacity
  return {
    id,
    fleet,
    state: leaving ? 'Shutdown' : (states[status?.state ?? ''] ?? 'Creating'),
    ...(status?.address === undefined || status.address === '' || port === undefined ? {} : { address: `ws://${status.address}:${port}` }),
    overflow: leaving || metadata?.annotations?.[DRAIN_ANNOTATION] !== undefined,
    ...defined({ rooms }),
  }
}
