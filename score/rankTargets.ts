import type { CopyCensus, MapCensus } from '../model/census.ts'
import type { CopyId } from '../model/ids.ts'
import type { PlacementRequest } from '../model/placement/placement.ts'
import type { MapPolicy } from '../model/policy/policy.ts'
import { countCompany, hasCompany, NO_COMPANY } from './company.ts'
import { compare, scored } from './rank.ts'
import { viewOf } from './signals.ts'

/**
 * What a move pays for a free seat, as a share of `weights.room`. A newcomer keeps away from crowded copies; a move fills copies, because people who are put
 * into thin copies are moved again when those close. Forced moves per player hour on the recorded day: 0.0101 with the newcomer's price, 0.0098 at 1 (seed 1).
 */
const FILLING = 2

/**
 * Ranks the copies that a group may be moved to, best first, by the tiers and signals of `rank`; only the signal `room` is replaced by `occupancy`. The caller
 * has chosen the copies and checks room: a move has limits of its own. Only these copies are read, so that the planner can rank thousands of groups in a round; shares of languages and attributes are smoothed
 * with their mean instead of the map's.
 */
export function rankTargets(request: PlacementRequest, targets: readonly CopyCensus[], ofMap: MapPolicy): CopyId[] {
  const policy = filling(ofMap)
  const map: MapCensus = { map: request.map, copies: new Map(targets.map((census) => [census.copy.id, census])), waiting: 0 }
  const companies = countCompany(request, map)
  const companyOf = ({ copy }: CopyCensus) => companies.get(copy.id) ?? NO_COMPANY
  const accompanied = targets.some((copy) => hasCompany(companyOf(copy), policy))
  const view = viewOf(request, map, policy, { accompanied, partyOnMap: false })
  return targets
    .map((copy) => scored({ request, copy, company: companyOf(copy), view, latencyMs: undefined }, true))
    .sort(compare)
    .map(({ copy }) => copy)
}

const known = new WeakMap<MapPolicy, MapPolicy>()

/** The policy with the weights for moves. One per policy, so that a round with thousands of groups makes none. */
function filling(policy: MapPolicy): MapPolicy {
  let changed = known.get(policy)
  if (changed === undefined) {
    const { placement } = policy
    const { room, occupancy } = placement.weights
    changed = { ...policy, placement: { ...placement, weights: { ...placement.weights, room: 0, occupancy: occupancy + FILLING * room } } }
    known.set(policy, changed)
  }
  return changed
}
