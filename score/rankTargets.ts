import type { CopyCensus, MapCensus } from '../model/census.ts'
import type { CopyId } from '../model/ids.ts'
import type { PlacementRequest } from '../model/placement/placement.ts'
import type { MapPolicy } from '../model/policy/policy.ts'
import { countCompany, hasCompany, NO_COMPANY } from './company.ts'
import { CONSTANTS, type Constants } from './constants.ts'
import { compare, scored } from './rank.ts'
import { viewOf } from './signals.ts'

/**
 * Ranks the copies that a group may be moved to, best first, by the tiers and signals of `rank`; only the signal `room` is replaced by
 * `occupancy`: a newcomer keeps away from crowded copies, and a move fills them. The caller
 * has chosen the copies and checks room: a move has limits of its own. Only these copies are read, so that the planner can rank thousands of groups in a round; shares of languages and attributes are smoothed
 * with their mean instead of the map's.
 */
export function rankTargets(request: PlacementRequest, targets: readonly CopyCensus[], ofMap: MapPolicy, constants = CONSTANTS): CopyId[] {
  const policy = filling(ofMap, constants)
  const map: MapCensus = { map: request.map, copies: new Map(targets.map((census) => [census.copy.id, census])), waiting: 0 }
  const companies = countCompany(request, map, constants)
  const companyOf = ({ copy }: CopyCensus) => companies.get(copy.id) ?? NO_COMPANY
  const accompanied = targets.some((copy) => hasCompany(companyOf(copy), policy))
  const view = viewOf(request, map, policy, { accompanied, partyOnMap: false, constants })
  return targets
    .map((copy) => scored({ request, copy, company: companyOf(copy), view, latencyMs: undefined }, true))
    .sort(compare)
    .map(({ copy }) => copy)
}

const known = new WeakMap<Constants, WeakMap<MapPolicy, MapPolicy>>()

/** The policy with the weights for moves. One per policy, so that a round with thousands of groups makes none. */
function filling(policy: MapPolicy, constants: Constants): MapPolicy {
  const made = known.get(constants) ?? new WeakMap<MapPolicy, MapPolicy>()
  known.set(constants, made)
  let changed = made.get(policy)
  if (changed === undefined) {
    const { placement } = policy
    const { room, occupancy } = placement.weights
    changed = { ...policy, placement: { ...placement, weights: { ...placement.weights, room: 0, occupancy: occupancy + constants.filling * room } } }
    made.set(policy, changed)
  }
  return changed
}
