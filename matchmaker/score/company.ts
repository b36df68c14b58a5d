import type { CopyCensus, MapCensus } from '../../model/census.ts'
import type { Instant } from '../../model/clock.ts'
import type { CharacterId, CopyId, PartyId } from '../../model/ids.ts'
import type { PlacementMember, PlacementRequest } from '../../model/placement/placement.ts'
import type { MapPolicy } from '../../model/policy/policy.ts'
import type { Seat } from '../../model/seat.ts'

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

export const NO_COMPANY: Readonly<Company> = { party: 0, friends: 0, closeness: 0, guild: 0, ownSeats: 0 }

/**
 * What of their company is in each copy; copies without any are left out. People are looked up on the map, not in each copy: they
 * are few, and the tables of twenty copies are far from the processor (rankings on 40 such maps in turn: 14.9 → 10.4 µs, with five
 * friends and a guild 23.3 → 12.3).
 */
export function countCompany({ members, party }: PlacementRequest, map: MapCensus): Map<CopyId, Company> {
  const companies = new Map<CopyId, Company>()
  const companyIn = (copy: CopyId): Company => {
    const known = companies.get(copy)
    if (known !== undefined) return known
    const company = { ...NO_COMPANY }
    companies.set(copy, company)
    return company
  }
  const withParty: CopyCensus[] = []
  for (const census of map.copies.values()) {
    const { copy, parties, guilds } = census
    const partyInside = party === undefined ? 0 : (parties.get(party) ?? 0)
    if (partyInside > 0) {
      companyIn(copy.id).party = partyInside
      withParty.push(census)
    }
    for (const { holder } of members) {
      const mates = holder.guild === undefined ? 0 : (guilds.get(holder.guild) ?? 0)
      if (mates > 0) companyIn(copy.id).guild += mates
    }
  }
  for (const { holder, friends, closeness } of members) {
    for (const copy of copiesWith(holder.character, map)) {
      const company = companyIn(copy)
      const seat = map.copies.get(copy)?.seats.get(holder.character)
      company.ownSeats++
      if (party !== undefined && seat?.party === party) company.party--
      if (holder.guild !== undefined && seat?.guild === holder.guild) company.guild--
    }
    for (const friend of friends) {
      for (const copy of copiesWith(friend, map)) {
        const company = companyIn(copy)
        company.friends++
        company.closeness += closenessTo(friend, closeness)
      }
    }
  }
  if (withParty.length > 1) for (const census of withParty) companyIn(census.copy.id).party = partyStaying(census, withParty, members, party)
  return companies
}

/** Of the others of the party inside, those who stay: whoever is being moved has two seats, and will be where the newer one is. */
function partyStaying(census: CopyCensus, withParty: readonly CopyCensus[], members: readonly PlacementMember[], party: PartyId | undefined): number {
  let staying = 0
  for (const seat of census.seats.values()) {
    if (seat.party !== party || members.some(({ holder }) => holder.character === seat.character)) continue
    const leaves = withParty.some(({ copy, seats }) => {
      if (copy.state === 'lost') return false
      const other = seats.get(seat.character)
      return other !== undefined && validFrom(other) > validFrom(seat)
    })
    if (!leaves) staying++
  }
  return staying
}

/** A hold's deadline lies ahead of whenever another seat was taken. */
const validFrom = (seat: Seat): Instant => (seat.state === 'held' ? seat.deadline : seat.since)

const nowhere: readonly CopyId[] = []

function copiesWith(person: CharacterId, { seated, copies }: MapCensus): readonly CopyId[] {
  if (seated !== undefined) return seated.get(person) ?? nowhere
  return Array.from(copies.values(), ({ copy, seats }) => (seats.has(person) ? [copy.id] : nowhere)).flat()
}

/** Heads by how well they are known: two friends whom one has not met lately are one whom one plays with every day. */
function closenessTo(person: CharacterId, closeness: PlacementMember['closeness']): number {
  return closeness === undefined ? 1 : 0.5 + 0.5 * (closeness.get(person) ?? 0)
}

/** Whom a member has played with: how close those are, in each copy where one is. */
export function familiarOn({ familiar, closeness }: PlacementMember, map: MapCensus): Map<CopyId, number> {
  const inside = new Map<CopyId, number>()
  for (const person of familiar) {
    for (const copy of copiesWith(person, map)) inside.set(copy, (inside.get(copy) ?? 0) + closenessTo(person, closeness))
  }
  return inside
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
