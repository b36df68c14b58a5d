import type { FleetName, MapName, ServerId } from '../../../model/ids.ts'
import type { GameServer } from '../../cluster/fleets.ts'

/** The server of each copy of all maps, one row per copy. */
export type Hosting = readonly { map: MapName; server: ServerId }[]

export type ServerChoice =
  /** Use this server. */
  | { use: ServerId }
  /** Allocate a Ready server; if none is Ready, use the `fallback`. */
  | { allocate: true; fallback?: ServerId }

export interface ServerChoiceInput {
  map: MapName
  fleet: FleetName
  servers: readonly GameServer[]
  hosting: Hosting
  /** Most copies that a server hosts. */
  rooms: (server: GameServer) => number
  /** Whether the server may get a copy of this map now. */
  eligible: (server: ServerId) => boolean
}

/**
 * Chooses the server of the next copy of a map: the one with the fewest copies of the map, then the fullest one with a free room, so that other servers
 * empty and can be given back. When all copies of the map are on that one server, another server is allocated if one is Ready: a crash would take the
 * whole map.
 */
export function chooseServer({ map, fleet, servers, hosting, rooms, eligible }: ServerChoiceInput): ServerChoice {
  const candidates = servers
    .filter((server) => server.fleet === fleet && server.state === 'Allocated' && !server.overflow && eligible(server.id))
    .map((server) => {
      const here = hosting.filter((row) => row.server === server.id)
      return { id: server.id, used: here.length, free: rooms(server) - here.length, ofMap: here.filter((row) => row.map === map).length }
    })
    .filter(({ free }) => free > 0)
    .sort((a, b) => a.ofMap - b.ofMap || b.used - a.used || (a.id < b.id ? -1 : 1))
  const best = candidates[0]
  if (best === undefined) return { allocate: true }
  const allOnBest = best.ofMap > 0 && best.ofMap === hosting.filter((row) => row.map === map).length
  return allOnBest ? { allocate: true, fallback: best.id } : { use: best.id }
}
