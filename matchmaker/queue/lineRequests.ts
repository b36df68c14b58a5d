import type { Census } from '../../model/census.ts'
import { defined } from '../../model/defined.ts'
import type { CopyId } from '../../model/ids.ts'
import type { LineEntry } from '../../model/line.ts'
import type { PlacementMember, PlacementRequest } from '../../model/placement/placement.ts'
import type { MapPolicy } from '../../model/policy/policy.ts'
import type { Parts } from '../parts.ts'
import { memberOf } from '../placement/members.ts'

/** A place in line with the placement request that it stands for now. */
export interface LineRequest {
  entry: LineEntry
  request: PlacementRequest
}

/** The current placement requests of these places. Friends, party and guild may have changed since they joined the line. One query for all. */
export async function requestsOf(parts: Parts, entries: readonly LineEntry[], policy: MapPolicy): Promise<LineRequest[]> {
  const characters = new Set(entries.flatMap(({ holders }) => holders.map(({ character }) => character)))
  const profiles = await parts.store.profiles([...characters])
  const now = parts.clock.now()
  const current = new Map(profiles.map((profile) => [profile.character, memberOf(profile, policy, now)]))
  return entries.map((entry) => ({ entry, request: requestOf(entry, current, parts.world.census()) }))
}

/**
 * Members who left the party are dropped, and so are members who have a seat on the map by now; the others join them. When all have seats, the
 * request is for the copy of the first.
 */
function requestOf(entry: LineEntry, current: ReadonlyMap<string, PlacementMember>, census: Census): PlacementRequest {
  const { map, protocol = 1, latencyMs, region, instanceKey } = entry
  const all = entry.holders.map((holder) => current.get(holder.character) ?? { holder, friends: new Set<string>(), familiar: new Set<string>() })
  const party = all[0]?.holder.party
  const members = all.filter(({ holder }, index) => index === 0 || (party !== undefined && holder.party === party))
  const requested = requestedCopy(entry, census)
  const seatOf = ({ holder }: PlacementMember): CopyId | undefined => {
    const at = census.whereabouts.get(holder.character)
    return at?.map === map ? at.copy : undefined
  }
  // A traveller, or a player who chose another copy, has a seat already and waits for a different one.
  const enters = entry.travel !== true && requested.copy === undefined && party !== undefined
  const unseated = enters ? members.filter((member) => seatOf(member) === undefined) : members
  const [first] = members
  const ownCopy = enters && unseated.length === 0 && first !== undefined ? seatOf(first) : undefined
  return {
    map,
    members: unseated.length > 0 ? unseated : members.slice(0, 1),
    protocol,
    ...defined({ party, instanceKey, latencyMs, region }),
    ...(ownCopy === undefined ? requested : { copy: ownCopy }),
  }
}

/** The copy of the character they join, wherever it is now. When that character has left the map, they wait for any copy of it. */
function requestedCopy({ map, copy, asCompany, beside }: LineEntry, { whereabouts }: Census): Pick<PlacementRequest, 'copy' | 'asCompany'> {
  if (beside === undefined) return copy === undefined ? {} : { copy, asCompany: asCompany === true }
  const at = whereabouts.get(beside)
  return at?.map === map ? { copy: at.copy, asCompany: true } : {}
}
