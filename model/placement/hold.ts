import type { Instant } from '../clock.ts'
import type { CopyId, MapName } from '../ids.ts'

/** An operator's order to the planner that lasts until an instant: no copy of the map is merged, or, with `copy`, this copy is not closed (a pin). */
export interface Hold {
  id: string
  map: MapName
  copy?: CopyId
  until: Instant
  actor: string
  reason: string
}

/** The holds in force, as the planner reads them. */
export interface HoldsInForce {
  /** Maps without merges. */
  maps: ReadonlySet<MapName>
  /** Pinned copies. */
  copies: ReadonlySet<CopyId>
}

export function holdsInForce(holds: readonly Hold[], now: Instant): HoldsInForce {
  const current = holds.filter(({ until }) => until > now)
  return {
    maps: new Set(current.flatMap(({ map, copy }) => (copy === undefined ? [map] : []))),
    copies: new Set(current.flatMap(({ copy }) => (copy === undefined ? [] : [copy]))),
  }
}
