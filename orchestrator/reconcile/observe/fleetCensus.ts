import type { FleetName, ServerId } from '../../../model/ids.ts'
import { fleetsOf } from '../../../model/policy/policy.ts'
import type { ServerReport } from '../../../model/server.ts'
import type { GameServer } from '../../cluster/fleets.ts'
import type { FleetCensus } from '../../plan/action.ts'
import type { Round } from '../round.ts'

/** Copies per server that are assumed when neither the fleet nor any of its servers states `rooms`. */
const DEFAULT_ROOMS = 1

/** Most copies that the server hosts: as it reports, else as its fleet says. */
export function roomsOf(server: GameServer, reports: ReadonlyMap<ServerId, ServerReport>): number {
  return reports.get(server.id)?.rooms ?? server.rooms ?? DEFAULT_ROOMS
}

/** Counts the servers of each fleet; fleets that only a policy names are included. A server marked to end counts as allocated until it is gone. */
export function fleetCensus({
  servers,
  silent,
  census: { servers: reports },
  policies,
}: Pick<Round, 'servers' | 'silent' | 'census' | 'policies'>): Map<FleetName, FleetCensus> {
  const fleets = new Map<FleetName, FleetCensus>()
  const fleetOf = (name: FleetName): FleetCensus => {
    const fleet = fleets.get(name) ?? { ready: 0, allocated: 0, starting: 0, lost: 0, roomsPerServer: DEFAULT_ROOMS }
    fleets.set(name, fleet)
    return fleet
  }
  for (const policy of policies.values()) for (const name of fleetsOf(policy)) fleetOf(name)
  for (const server of servers) {
    const fleet = fleetOf(server.fleet)
    if (silent.has(server.id)) fleet.lost++
    else if (server.state === 'Ready') fleet.ready++
    else if (server.state === 'Allocated') fleet.allocated++
    else if (server.state === 'Creating') fleet.starting++
    fleet.roomsPerServer = Math.max(fleet.roomsPerServer, roomsOf(server, reports))
  }
  return fleets
}
