import type { FleetName, MapName, ServerId } from '../../../model/ids.ts'
import type { GameServer } from '../../cluster/fleets.ts'

/** Where the copies are: one row a copy, those of all maps. */
export type Hosting = readonly { map: MapName; server: ServerId }[]

/**
 * Which server hosts the next copy of a map. Packs: the fullest allocated one with a free room, so that emptied servers
 * can be given back. But a map's copies spread over processes where that costs nothing, and all of them never sit in
 * one process while another is to be had: its crash would take the whole map.
 */
export type ServerChoice =
  /** Use this one. */
  | { use: ServerId }
  /** Allocate a Ready one; if none is Ready, use the `fallback`. */
  | { allocate: true; fallback?: ServerId }

export function chooseServer(
  map: MapName,
  fleet: FleetName,
  servers: readonly GameServer[],
  hosting: Hosting,
  /** Copies that a server may host, and whether it may get one now. */
  rooms: (server: GameServer) => number,
  eligible: (server: ServerId) => boolean,
): ServerChoice {
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
  const allInOne = best.ofMap > 0 && best.ofMap === hosting.filter((row) => row.map === map).length
  return allInOne ? { allocate: true, fallback: best.id } : { use: best.id }
}
