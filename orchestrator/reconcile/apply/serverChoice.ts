import type { FleetName, MapName, ServerId } from '../../../model/ids.ts'
import type { GameServer } from '../../cluster/fleets.ts'

/** How many copies each server hosts, of all maps and of each map: one pass over the copies, not one for each server. */
export class Hosting {
  readonly #ofServer = new Map<ServerId, number>()
  readonly #ofMap = new Map<MapName, Map<ServerId, number>>()

  constructor(copies: Iterable<{ map: MapName; server: ServerId }>) {
    for (const { map, server } of copies) {
      this.#ofServer.set(server, this.copies(server) + 1)
      const servers = this.#ofMap.get(map) ?? new Map<ServerId, number>()
      this.#ofMap.set(map, servers.set(server, this.copies(server, map) + 1))
    }
  }

  copies(server: ServerId, map?: MapName): number {
    return (map === undefined ? this.#ofServer.get(server) : this.#ofMap.get(map)?.get(server)) ?? 0
  }

  /** Whether all copies of the map, at least one, are on this server. */
  hasAll(server: ServerId, map: MapName): boolean {
    const servers = this.#ofMap.get(map)
    return servers?.size === 1 && servers.has(server)
  }
}

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
      const used = hosting.copies(server.id)
      return { id: server.id, used, free: rooms(server) - used, ofMap: hosting.copies(server.id, map) }
    })
    .filter(({ free }) => free > 0)
    .sort((a, b) => a.ofMap - b.ofMap || b.used - a.used || (a.id < b.id ? -1 : 1))
  const best = candidates[0]
  if (best === undefined) return { allocate: true }
  return hosting.hasAll(best.id, map) ? { allocate: true, fallback: best.id } : { use: best.id }
}
