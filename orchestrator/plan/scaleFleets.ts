import type { Instant } from '../../model/clock.ts'
import type { FleetName } from '../../model/ids.ts'
import { fleetsOf, type Policies } from '../../model/policy/policy.ts'
import { isSilent } from '../../model/server.ts'
import { CONSTANTS } from '../../score/constants.ts'
import type { Action, FleetCensus, PlanInput } from './action.ts'
import type { Hosts } from './view/hosts.ts'
import { count, type MapView } from './view/mapView.ts'

/** Whether the fleet may have no servers at all: every policy that names it wants no copy (`min: 0`) and no spare ones. */
function mayScaleToZero(policies: Policies, fleet: FleetName): boolean {
  const own = [...policies.values()].filter((policy) => fleetsOf(policy).includes(fleet))
  return own.length > 0 && own.every(({ copies: { min, warm } }) => min === 0 && warm !== 'auto' && !('copies' in warm && warm.copies > 0))
}

export interface FleetSizes {
  actions: Action[]
  surplusSince: ReadonlyMap<FleetName, Instant>
  shortSince: ReadonlyMap<FleetName, Instant>
}

/**
 * Sizes each fleet: the allocated servers, those that this round's openings need, and a few Ready ones. An opening counts in each fleet where it may take
 * place: a fleet that was short goes on asking, and the one behind it asks as well. Lost servers are replaced, and are added as long as the fleet has them.
 */
export function scaleFleets(input: PlanInput, views: readonly MapView[], hosts: Hosts): FleetSizes {
  const { shrinkAfterMs, readyShare } = input.constants ?? CONSTANTS
  const actions: Action[] = []
  const surplusSince = new Map<FleetName, Instant>()
  const shortSince = new Map<FleetName, Instant>()
  const usedRooms = usedRoomsByFleet(input, hosts)
  for (const [fleet, servers] of input.fleets) {
    const opens = views.filter(({ fleets }) => fleets.includes(fleet)).reduce((sum, view) => sum + view.opens, 0)
    const freeRooms = Math.max(0, servers.allocated * servers.roomsPerServer - (usedRooms.get(fleet) ?? 0))
    const wanted = wantedServers(servers, opens, freeRooms, { mayBeZero: mayScaleToZero(input.policies, fleet), readyShare })
    if (servers.ready === 0 && freeRooms === 0 && wanted > servers.allocated) shortSince.set(fleet, input.memory.shortSince?.get(fleet) ?? input.now)
    const present = servers.allocated + servers.ready + servers.starting
    if (wanted === present) continue
    if (wanted < present) {
      const since = input.memory.surplusSince?.get(fleet) ?? input.now
      surplusSince.set(fleet, since)
      if (input.now - since < shrinkAfterMs) continue
    }
    const lost = servers.lost === 0 ? '' : `${count(servers.lost, 'server')} lost, `
    const why = `${wanted} servers wanted, ${present} present: ${lost}${count(servers.allocated, 'server')} of ${fleet} allocated, ${count(opens, 'copy')} to open, ${servers.roomsPerServer} copies per server`
    actions.push({ type: 'scale', fleet, servers: wanted + servers.lost, why })
  }
  return { actions, surplusSince, shortSince }
}

function wantedServers(
  { allocated, roomsPerServer }: FleetCensus,
  opens: number,
  freeRooms: number,
  { mayBeZero, readyShare }: { mayBeZero: boolean; readyShare: number },
): number {
  const more = Math.ceil(Math.max(0, opens - freeRooms) / Math.max(1, roomsPerServer))
  if (mayBeZero && allocated + opens === 0) return 0
  return allocated + more + Math.max(1, Math.ceil(readyShare * allocated))
}

/** Rooms of each fleet that cannot take a new copy: those of copies on servers that stay, and all rooms of draining servers. */
function usedRoomsByFleet({ census, policies, draining, fleets, now }: PlanInput, hosts: Hosts): Map<FleetName, number> {
  // `hostOf` counts a copy. `viewMap` has counted the copies of maps that have a policy.
  for (const [map, { copies }] of census.maps) if (!policies.has(map)) for (const { copy } of copies.values()) hosts.hostOf(copy)
  const used = hosts.copiesByFleet()
  for (const id of draining) {
    const server = census.servers.get(id)
    if (server !== undefined && !isSilent(server, now)) used.set(server.fleet, (used.get(server.fleet) ?? 0) + (fleets.get(server.fleet)?.roomsPerServer ?? 0))
  }
  return used
}
