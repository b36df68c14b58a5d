import type { CopyCensus } from '../../model/census.ts'
import type { CharacterId } from '../../model/ids.ts'
import type { PlacementMember, PlacementRequest } from '../../model/placement.ts'
import type { MapPolicy } from '../../model/policy/policy.ts'

/** Who is inside one copy already, of the people that those to be placed want to be with. Counts of heads, themselves not among them. */
export interface Company {
  party: number
  friends: number
  /** The same, each friend by how close they are: between a half, not met lately, and 1. */
  closeness: number
  guild: number
  /** Of those to be placed, how many have a seat there already: they do not take another. */
  ownSeats: number
}

export function countCompany(request: PlacementRequest, copy: CopyCensus): Company {
  let [friends, closeness, guild, ownSeats, ownParty] = [0, 0, 0, 0, 0]
  const { members, party } = request
  for (const member of members) {
    const own = copy.seats.get(member.holder.character)
    if (own === undefined) continue
    ownSeats++
    if (party !== undefined && own.party === party) ownParty++
  }
  for (const member of members) {
    const inside = countInside(member.friends, copy)
    friends += inside
    if (inside > 0) closeness += closenessInside(member.friends, member.closeness, copy)
    guild += guildMatesOf(member, copy)
  }
  return { party: party === undefined ? 0 : (copy.parties.get(party) ?? 0) - ownParty, friends, closeness, guild, ownSeats }
}

/** Guild-mates inside, the member's own seat not counted. */
export function guildMatesOf({ holder }: PlacementMember, copy: CopyCensus): number {
  if (holder.guild === undefined) return 0
  const inside = copy.guilds.get(holder.guild) ?? 0
  return inside > 0 && copy.seats.get(holder.character)?.guild === holder.guild ? inside - 1 : inside
}

/** Friends or guild-mates inside. A weight of 0 takes them out of the company. */
export function hasCompany({ friends, guild }: Company, { placement: { weights } }: MapPolicy): boolean {
  return (weights.friends > 0 && friends > 0) || (weights.guild > 0 && guild > 0)
}

/** How many guild-mates somebody inside has beside them, on average: what a seat here is worth to those who are still to come. */
export function meanMates({ guilds, guildPairs, seats }: CopyCensus): number {
  if (seats.size === 0) return 0
  let pairs = guildPairs ?? 0
  if (guildPairs === undefined) for (const members of guilds.values()) pairs += (members * (members - 1)) / 2
  return (2 * pairs) / seats.size
}

/** Walks the smaller of the two sets: friends are few and copies big, but "people met lately" may outnumber a small copy. */
export function countInside(people: ReadonlySet<CharacterId>, copy: CopyCensus): number {
  let count = 0
  if (people.size <= copy.seats.size) {
    for (const person of people) if (copy.seats.has(person)) count++
  } else {
    for (const person of copy.seats.keys()) if (people.has(person)) count++
  }
  return count
}

/** Heads by how well they are known: two friends whom one has not met lately are one whom one plays with every day. */
export function closenessInside(people: ReadonlySet<CharacterId>, closeness: ReadonlyMap<CharacterId, number> | undefined, copy: CopyCensus): number {
  if (closeness === undefined) return countInside(people, copy)
  let sum = 0
  const [fewer, more] = people.size <= copy.seats.size ? [people, copy.seats] : [copy.seats, people]
  for (const person of fewer.keys()) if (more.has(person)) sum += 0.5 + 0.5 * (closeness.get(person) ?? 0)
  return sum
}
