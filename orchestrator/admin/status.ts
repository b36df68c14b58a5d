import type { Census } from '../../model/census.ts'
import type { Instant } from '../../model/clock.ts'
import { defined } from '../../model/defined.ts'
import type { MapName } from '../../model/ids.ts'
import type { Policies } from '../../model/policy/policy.ts'
import type { CopyStatus, StatusResponse } from '../../model/wire/admin.ts'
import type { GameServer } from '../cluster/fleets.ts'
import { roomsOf } from '../reconcile/observe/fleetCensus.ts'

export interface StatusInput {
  leader: boolean
  now: Instant
  census: Census
  policies: Policies
  /** Problem of the newest policy, per map; the last valid policy stays in force. */
  policyErrors: ReadonlyMap<MapName, string>
  servers: readonly GameServer[]
  totals: StatusResponse['totals']
}

/** The status that operators read, sorted by name. */
export function statusOf({ leader, now, census, policies, policyErrors, servers, totals }: StatusInput): StatusResponse {
  const copies: CopyStatus[] = []
  for (const { copies: ofMap } of census.maps.values()) {
    for (const { copy, seats } of ofMap.values()) {
      const players = [...seats.values()].filter(({ state }) => state === 'taken').length
      const { soft, hard } = policies.get(copy.map)?.capacity ?? { soft: 0, hard: 0 }
      copies.push({
        map: copy.map,
        copy: copy.id,
        state: copy.state,
        server: copy.server,
        players,
        held: seats.size - players,
        soft,
        hard,
        ageMs: now - copy.created,
      })
    }
  }
  copies.sort(by(({ map, copy }) => `${map} ${copy}`))
  const maps = [...new Set([...census.maps.keys(), ...policies.keys(), ...policyErrors.keys()])].map((map) => {
    return {
      map,
      players: copies.filter((copy) => copy.map === map).reduce((sum, copy) => sum + copy.players, 0),
      waiting: census.maps.get(map)?.waiting ?? 0,
      policyVersion: policies.get(map)?.version ?? 'none',
      ...defined({ policyError: policyErrors.get(map) }),
    }
  })
  return {
    leader,
    at: now,
    copies,
    servers: servers
      .map((server) => ({
        id: server.id,
        fleet: server.fleet,
        state: server.state,
        address: server.address ?? '',
        copies: copies.filter((copy) => copy.server === server.id).length,
        rooms: roomsOf(server, census.servers),
        draining: server.overflow || census.servers.get(server.id)?.draining === true,
      }))
      .sort(by(({ id }) => id)),
    maps: maps.sort(by(({ map }) => map)),
    totals,
  }
}

function by<T>(key: (value: T) => string): (a: T, b: T) => number {
  return (a, b) => (key(a) < key(b) ? -1 : 1)
}
