import type { Instant } from '../../../model/clock.ts'
import type { FleetName } from '../../../model/ids.ts'
import type { MapPolicy } from '../../../model/policy/policy.ts'

/**
 * The fleets in which a copy of this map may open now, the first choice first. A fallback is among them when the fleet before it has had no free server for
 * `after`. Those before it stay first choices, so that copies open there again as soon as they get servers.
 */
export function fleetsNow({ fleet, fallbackFleets }: MapPolicy, shortSince: ReadonlyMap<FleetName, Instant> | undefined, now: Instant): FleetName[] {
  const fleets = [fleet]
  for (const { fleet: next, afterMs } of fallbackFleets) {
    const since = shortSince?.get(fleets.at(-1) ?? fleet)
    if (since === undefined || now - since < afterMs) break
    fleets.push(next)
  }
  return fleets
}
