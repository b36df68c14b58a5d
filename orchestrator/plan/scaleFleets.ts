import type { DurationMs, Instant } from '../../model/clock.ts'
import type { FleetName } from '../../model/ids.ts'
import type { Policies } from '../../model/policy/policy.ts'
import type { Action, FleetCensus, PlanInput } from './action.ts'
import type { Hosts } from './view/hosts.ts'
import { count, type MapView } from './view/mapView.ts'

/** Ready servers kept for what no forecast sees: one, or this share of those in use. */
const READY_SHARE = 0.05
/** A fleet shrinks only when it was too large for so long: servers are slow to start and cheap to keep for a minute. */
const SHRINK_AFTER_MS: DurationMs = 60_000

/** A fleet whose maps all say `min: 0` and no spare copies of their own accord: nobody there, no server. */
function maySleep(policies: Policies, fleet: FleetName): boolean {
  const own = [...policies.values()].filter((policy) => policy.fleet === fleet)
  return own.length > 0 && own.every(({ copies: { min, warm } }) => min === 0 && warm !== 'auto' && !('copies' in warm && warm.copies > 0))
}

/** Allocated servers, those that this round's openings are about to need, and a few Ready ones. */
export function scaleFleets(input: PlanInput, views: readonly MapView[], hosts: Hosts): { actions: Action[]; surplusSince: ReadonlyMap<FleetName, Instant> } {
  const actions: Action[] = []
  const surplusSince = new Map<FleetName, Instant>()
  const hosted = hostedCopies(input, hosts)
  for (const [fleet, servers] of input.fleets) {
    const opens = views.filter(({ policy }) => policy.fleet === fleet).reduce((sum, view) => sum + view.opens, 0)
    const wanted = wantedServers(servers, opens, hosted.get(fleet) ?? 0, maySleep(input.policies, fleet))
    const present = servers.allocated + servers.ready + servers.starting
    if (wanted === present) continue
    if (wanted < present) {
      const since = input.memory.surplusSince?.get(fleet) ?? input.now
      surplusSince.set(fleet, since)
      if (input.now - since < SHRINK_AFTER_MS) continue
    }
    const why = `${count(servers.allocated, 'server')} of ${fleet} in use, ${count(opens, 'copy')} about to be opened, ${servers.roomsPerServer} a server: ${wanted} wanted, ${present} there`
    actions.push({ type: 'scale', fleet, servers: wanted, why })
  }
  return { actions, surplusSince }
}

function wantedServers({ allocated, roomsPerServer }: FleetCensus, opens: number, hosted: number, sleeps: boolean): number {
  const freeRooms = Math.max(0, allocated * roomsPerServer - hosted)
  const more = Math.ceil(Math.max(0, opens - freeRooms) / Math.max(1, roomsPerServer))
  if (sleeps && allocated + opens === 0) return 0
  return allocated + more + Math.max(1, Math.ceil(READY_SHARE * allocated))
}

/** Copies on servers that stay, and the rooms of those that go: nothing opens there any more. */
function hostedCopies({ census, policies, draining, fleets }: PlanInput, hosts: Hosts): Map<FleetName, number> {
  // Those of maps that have a policy were counted when their map was looked at.
  for (const [map, { copies }] of census.maps) if (!policies.has(map)) for (const { copy } of copies.values()) hosts.hostOf(copy)
  const hosted = hosts.byFleet()
  for (const id of draining) {
    const server = census.servers.get(id)
    if (server !== undefined) hosted.set(server.fleet, (hosted.get(server.fleet) ?? 0) + (fleets.get(server.fleet)?.roomsPerServer ?? 0))
  }
  return hosted
}
