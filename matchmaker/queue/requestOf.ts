import type { Census } from '../../model/census.ts'
import type { CopyId } from '../../model/ids.ts'
import type { LineEntry } from '../../model/line.ts'
import type { PlacementMember, PlacementRequest } from '../../model/placement/placement.ts'
import type { MapPolicy } from '../../model/policy/policy.ts'
import type { Parts } from '../parts.ts'
import { memberOf } from '../placement/people.ts'

/** What those who wait ask for, with the friends, party and guild of today: all of them may have changed meanwhile. One query for all. */
export async function requestsOf(parts: Parts, entries: readonly LineEntry[], policy: MapPolicy): Promise<{ entry: LineEntry; request: PlacementRequest }[]> {
  const characters = new Set(entries.flatMap(({ holders }) => holders.map(({ character }) => character)))
  const profiles = await parts.store.profiles([...characters])
  const now = parts.clock.now()
  const today = new Map(profiles.map((profile) => [profile.character, memberOf(profile, policy, now)]))
  return entries.map((entry) => ({ entry, request: requestOf(entry, today, parts.world.census()) }))
}

/**
 * Who has left the party since does not come along, and who got a seat on the map another way needs none: the others come to them. One
 * who is the last of the place gets what they have.
 */
function requestOf(entry: LineEntry, today: ReadonlyMap<string, PlacementMember>, census: Census): PlacementRequest {
  const { map, protocol = 1, latencyMs, region } = entry
  const members = entry.holders.map((holder) => today.get(holder.character) ?? { holder, friends: new Set<string>(), familiar: new Set<string>() })
  const party = members[0]?.holder.party
  const theirs = members.filter(({ holder }, index) => index === 0 || (party !== undefined && holder.party === party))
  const wished = wishedCopy(entry, census)
  const seatOf = ({ holder }: PlacementMember): CopyId | undefined => {
    const at = census.whereabouts.get(holder.character)
    return at?.map === map ? at.copy : undefined
  }
  // Who travels has a seat, and so has who chose another copy: that is what they wait for.
  const comeAnew = entry.travel !== true && wished.copy === undefined && party !== undefined
  const unseated = comeAnew ? theirs.filter((member) => seatOf(member) === undefined) : theirs
  const [first] = theirs
  const has = comeAnew && unseated.length === 0 && first !== undefined ? seatOf(first) : undefined
  return {
    map,
    members: unseated.length > 0 ? unseated : theirs.slice(0, 1),
    ...(party === undefined ? {} : { party }),
    protocol,
    ...(latencyMs === undefined ? {} : { latencyMs }),
    ...(region === undefined ? {} : { region }),
    ...(has === undefined ? wished : { copy: has }),
  }
}

/** Where the one whom they come to is by now. Has that person left the map, they wait for a seat on it like anybody else. */
function wishedCopy({ map, copy, asCompany, beside }: LineEntry, { whereabouts }: Census): Pick<PlacementRequest, 'copy' | 'asCompany'> {
  if (beside === undefined) return copy === undefined ? {} : { copy, asCompany: asCompany === true }
  const at = whereabouts.get(beside)
  return at?.map === map ? { copy: at.copy, asCompany: true } : {}
}
