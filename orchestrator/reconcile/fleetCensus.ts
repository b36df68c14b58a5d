import type { FleetName, ServerId } from '../../model/ids.ts'
import type { ServerReport } from '../../model/server.ts'
import type { GameServer } from '../cluster/fleets.ts'
import type { FleetCensus } from '../plan/action.ts'

/** When neither the fleet nor any of its servers has said how many copies one hosts. */
const ROOMS_UNKNOWN = 1

export function roomsOf(server: GameServer, reports: ReadonlyMap<ServerId, ServerReport>): number {
  return reports.get(server.id)?.rooms ?? server.rooms ?? ROOMS_UNKNOWN
}

/** Fleets as the planner needs them. Servers marked to go count as allocated until they are gone. */
export function fleetCensus(servers: readonly GameServer[], reports: ReadonlyMap<ServerId, ServerReport>): Map<FleetName, FleetCensus> {
  const fleets = new Map<FleetName, FleetCensus>()
  for (const server of servers) {
    const fleet = fleets.get(server.fleet) ?? { ready: 0, allocated: 0, starting: 0, roomsPerServer: ROOMS_UNKNOWN }
    fleets.set(server.fleet, fleet)
    if (server.state === 'Ready') fleet.ready++
    else if (server.state === 'Allocated') fleet.allocated++
    else if (server.state === 'Creating') fleet.starting++
    fleet.roomsPerServer = Math.max(fleet.roomsPerServer, roomsOf(server, reports))
  }
  return fleets
}
