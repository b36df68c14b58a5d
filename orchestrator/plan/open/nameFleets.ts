import type { Instant } from '../../../model/clock.ts'
import type { FleetName } from '../../../model/ids.ts'
import type { MapView } from '../view/mapView.ts'

/** Writes into the openings of a map in which of its several fleets they may take place, and why not in the first choice only. */
export function nameFleets({ actions, fleets, policy, now }: MapView, shortSince: ReadonlyMap<FleetName, Instant> | undefined): void {
  if (policy.fallbackFleets.length === 0) return
  const short = fleets.slice(0, -1).map((fleet) => `${fleet} has had no free server for ${Math.round((now - (shortSince?.get(fleet) ?? now)) / 1_000)} s`)
  for (const [index, action] of actions.entries()) if (action.type === 'open') actions[index] = { ...action, fleets, why: [action.why, ...short].join('; ') }
}
