import { defined } from '../../model/defined.ts'
import type { GameServer } from '../../orchestrator/cluster/fleets.ts'
import type { GameServerRecord } from './gameServerRecord.ts'
import type { LocalFleet } from './localFleet.ts'
import type { LocalServer } from './localServer.ts'

export function allServers(fleets: ReadonlyMap<string, LocalFleet>): LocalServer[] {
  return [...fleets.values()].flatMap((fleet) => fleet.servers)
}

export function toGameServer(record: GameServerRecord): GameServer {
  return {
    id: record.name,
    fleet: record.fleet,
    // A Reserved server can be neither allocated nor used, as one that is still being created.
    state: record.state === 'Reserved' ? 'Creating' : record.state,
    address: record.address,
    overflow: record.overflow,
    ...defined({ rooms: record.rooms }),
  }
}
