import { MapReplica, type Whereabouts } from '../directory/mapReplica.ts'
import { MapLedger } from '../directory/memory/mapLedger.ts'
import type { Instant } from '../model/clock.ts'
import type { CopyId, MapName, ServerId } from '../model/ids.ts'
import type { PlacementMember, PlacementRequest } from '../model/placement/placement.ts'
import type { MapPolicy } from '../model/policy/policy.ts'
import type { SeatOption, SeatRequest } from '../model/seat.ts'
import { PROTOCOL_VERSION, type ServerReport } from '../model/server.ts'
import { isLayered, mapNameOf, type Trace } from './population/trace.ts'

/** One map: the production ledger and replica, and what the simulation has to know besides. */
export interface SimulatedMap {
  index: number
  zone: number
  name: MapName
  policy: MapPolicy
  ledger: MapLedger
  census: MapReplica
  serial: number
  /** Numbers of copies for the score. */
  copies: Map<CopyId, number>
  /** In line, by ticket. */
  line: Map<string, PlacementRequest & { avatars: number[]; cause: string }>
}

/** All copies stand on one server without an end: the day is about people and copies, and `bootSeconds` is what a server costs. */
export const SERVER: ServerId = 'server'

export function onlyServer(): ReadonlyMap<ServerId, ServerReport> {
  const protocol = { min: 1, max: PROTOCOL_VERSION }
  return new Map([[SERVER, { id: SERVER, fleet: 'overworld', address: '', rooms: 1e9, protocol, draining: false, beat: Number.MAX_SAFE_INTEGER }]])
}

/** Every map of the day that has copies, in the order of zones. */
export function mapsOf({ zones, avatars }: Trace, policies: ReadonlyMap<MapName, MapPolicy>, whereabouts: Whereabouts): SimulatedMap[] {
  const visited = new Set(avatars.flatMap(({ stays }) => stays.map(({ zone }) => zone)))
  const maps: SimulatedMap[] = []
  for (const zone of [...zones.values()].sort((a, b) => a.id - b.id)) {
    if (!isLayered(zone) || !visited.has(zone.id)) continue
    const name = mapNameOf(zone)
    const policy = policies.get(name)
    if (policy === undefined) throw new Error(`no policy for ${name}`)
    // The ledger tells of what happens only after it is made: the replica exists by then.
    const ledger: MapLedger = new MapLedger(name, (event) => void census.apply(event))
    const census: MapReplica = new MapReplica(ledger.snapshot())
    census.publishTo(whereabouts)
    maps.push({ index: maps.length, zone: zone.id, name, policy, ledger, census, serial: 0, copies: new Map(), line: new Map() })
  }
  return maps
}

/** What these people ask of the placer: together when they are of one party. */
export function requestFor({ name }: SimulatedMap, members: readonly PlacementMember[]): PlacementRequest {
  const party = members[0]?.holder.party
  return { map: name, members, protocol: PROTOCOL_VERSION, ...(party === undefined ? {} : { party }) }
}

export function seatRequest({ name, policy }: SimulatedMap, { members, party }: PlacementRequest, options: SeatOption[], now: Instant): SeatRequest {
  const holders = members.map(({ holder }) => holder)
  return { map: name, holders, options, now, deadline: now + policy.seatHoldMs, ...(party === undefined ? {} : { party }) }
}
