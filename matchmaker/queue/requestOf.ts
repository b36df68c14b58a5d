import type { Census } from '../../model/census.ts'
import type { LineEntry } from '../../model/line.ts'
import type { PlacementMember, PlacementRequest } from '../../model/placement.ts'
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

/** Who has left the party since does not come along. */
function requestOf(entry: LineEntry, today: ReadonlyMap<string, PlacementMember>, census: Census): PlacementRequest {
  const { map, protocol = 1, latencyMs, region } = entry
  const members = entry.holders.map((holder) => today.get(holder.character) ?? { holder, friends: new Set<string>(), familiar: new Set<string>() })
  const party = members[0]?.holder.party
  return {
    map,
    members: members.filter(({ holder }, index) => index === 0 || (party !== undefined && holder.party === party)),
    ...(party === undefined ? {} : { party }),
    protocol,
    ...(latencyMs === undefined ? {} : { latencyMs }),
    ...(region === undefined ? {} : { region }),
    ...wishedCopy(entry, census),
  }
}

/** Where the one whom they come to is by now. Has that person left the map, they wait for a seat on it like anybody else. */
function wishedCopy({ map, copy, asCompany, beside }: LineEntry, { whereabouts }: Census): Pick<PlacementRequest, 'copy' | 'asCompany'> {
  if (beside === undefined) return copy === undefined ? {} : { copy, asCompany: asCompany === true }
  const at = whereabouts.get(beside)
  return at?.map === map ? { copy: at.copy, asCompany: true } : {}
}
