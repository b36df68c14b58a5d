import type { MapName } from '../../../../model/ids.ts'

/** The demo's instance. */
export const DUNGEON: MapName = 'barrow'

/** How a client asks for a map: an instance by another name than a map for everybody. */
export function wishFor(map: MapName): { map: MapName } | { instance: MapName } {
  return map === DUNGEON ? { instance: map } : { map }
}
