import type { LineEntry } from '../../model/line.ts'
import type { PlacementMember, PlacementRequest } from '../../model/placement.ts'
import type { Parts } from '../parts.ts'
import { memberOf } from '../placement/people.ts'

/** What those who wait ask for, with the friends, party and guild of today: all of them may have changed meanwhile. One query for all. */
export async function requestsOf(parts: Parts, entries: readonly LineEntry[]): Promise<{ entry: LineEntry; request: PlacementRequest }[]> {
  const characters = new Set(entries.flatMap(({ holders }) => holders.map(({ character }) => character)))
  const profiles = await parts.store.profiles([...characters])
  const today = new Map(profiles.map((profile) => [profile.character, memberOf(profile)]))
  return entries.map((entry) => ({ entry, request: requestOf(entry, today) }))
}

/** Who has left the party since does not come along. */
function requestOf(entry: LineEntry, today: ReadonlyMap<string, PlacementMember>): PlacementRequest {
  const members = entry.holders.map((holder) => today.get(holder.character) ?? { holder, friends: new Set<string>(), familiar: new Set<string>() })
  const party = members[0]?.holder.party
  return {
    map: entry.map,
    members: members.filter(({ holder }, index) => index === 0 || (party !== undefined && holder.party === party)),
    ...(party === undefined ? {} : { party }),
    protocol: entry.protocol ?? 1,
    ...(entry.copy === undefined ? {} : { copy: entry.copy, asCompany: entry.asCompany === true }),
  }
}
