import { MapReplica, type Whereabouts } from '../directory/mapReplica.ts'
import { MapLedger } from '../directory/memory/mapLedger.ts'
import { defined } from '../model/defined.ts'
import type { CopyId, MapName, ServerId } from '../model/ids.ts'
import type { PlacementMember, PlacementRequest } from '../model/placement/placement.ts'
import type { MapPolicy } from '../model/policy/policy.ts'
import { PROTOCOL_VERSION, type ServerReport } from '../model/server.ts'
import { isLayered, mapNameOf, type Trace } from './population/trace.ts'

/** One layered map: the production ledger and replica, and the simulation's own bookkeeping. */
export interface SimulatedMap {
  index: number
  zone: number
  name: MapName
  policy: MapPolicy
  ledger: MapLedger
  census: MapReplica
  serial: number
  /** The number that the score uses for each copy. */
  copies: Map<CopyId, number>
  /** Requests in the line, by line ticket. */
  line: Map<string, PlacementRequest & { avatars: number[]; cause: string }>
}

/** The one server that hosts every copy, with room for all of them. The simulation models players and copies; the cost of a server is only `bootSeconds`. */
export const SERVER: ServerId = 'server'

export function singleServer(): ReadonlyMap<ServerId, ServerReport> {
  const protocol = { min: 1, max: PROTOCOL_VERSION }
  return new Map([[SERVER, { id: SERVER, fleet: 'overworld', address: '', rooms: 1e9, protocol, draining: false, beat: Number.MAX_SAFE_INTEGER }]])
}

/** Every layered map that somebody visits during the day, in the order of zone ids. */
export function mapsOf({ zones, avatars }: Trace, policies: ReadonlyMap<MapName, MapPolicy>, whereabouts: Whereabouts): SimulatedMap[] {
  const visited = new Set(avatars.flatMap(({ stays }) => stays.map(({ zone }) => zone)))
  const maps: SimulatedMap[] = []
  for (const zone of [...zones.values()].sort((a, b) => a.id - b.id)) {
    if (!isLayered(zone) || !visited.has(zone.id)) continue
    const name = mapNameOf(zone)
    const policy = policies.get(name)
    if (policy === undefined) throw new Error(`no policy for ${name}`)
    // The ledger emits events only after construction, when `census` is set.
    const ledger: MapLedger = new MapLedger(name, (event) => void census.apply(event))
    const census: MapReplica = new MapReplica(ledger.snapshot())
    census.publishTo(whereabouts)
    maps.push({ index: maps.length, zone: zone.id, name, policy, ledger, census, serial: 0, copies: new Map(), line: new Map() })
  }
  return maps
}

/** The placement request of these members. Members of one party are placed together. */
export function requestFor({ name }: SimulatedMap, members: readonly PlacementMember[]): PlacementRequest {
  const party = members[0]?.holder.party
  return { map: name, members, protocol: PROTOCOL_VERSION, ...defined({ party }) }
}
