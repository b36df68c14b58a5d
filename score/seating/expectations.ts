import type { Census } from '../../model/census.ts'
import type { Instant } from '../../model/clock.ts'
import type { CharacterId, GuildId, MapName } from '../../model/ids.ts'
import type { PlacementMember, PlacementRequest } from '../../model/placement/placement.ts'
import type { MapPolicy } from '../../model/policy/policy.ts'
import type { SeatHolder } from '../../model/seat.ts'
import { headroomMatters } from '../headroom.ts'

/** How long a count of online guild members is reused, in ms. It changes slowly, and one count over all copies serves many placements. */
const COUNT_EVERY_MS = 1_000

const counted = new WeakMap<Census['maps'], { at: Instant; online: Map<GuildId, Map<MapName, number>> }>()

/** The seat holders, each with the expected number of companions who are online on other maps. Strangers leave that many seats free (`reserveOf`). */
export function withExpectations({ map, members }: PlacementRequest, policy: MapPolicy, census: Census, now: Instant): SeatHolder[] {
  if (!headroomMatters(policy)) return members.map(({ holder }) => holder)
  return members.map((member) => {
    const expects = Math.round(10 * expectedBy(member, map, { policy, census, now })) / 10
    return expects > 0 ? { ...member.holder, expects } : member.holder
  })
}

/**
 * Counts party members fully, and friends and guild-mates who are not blocked by the policy's likelihood. Each term is divided by the number of companions who are
 * already on this map, since they expect the same people. Otherwise ten guild-mates would reserve ten seats for the eleventh.
 */
function expectedBy(
  { holder, friends, blocked, partyMembers = [] }: PlacementMember,
  map: MapName,
  { policy, census, now }: { policy: MapPolicy; census: Census; now: Instant },
): number {
  const { likely } = policy.capacity.headroom
  const { weights } = policy.placement
  const elsewhere = (person: string): boolean => (census.whereabouts.get(person)?.map ?? map) !== map
  const here = (person: string): boolean => census.whereabouts.get(person)?.map === map
  const party = partyMembers.filter(elsewhere).length
  let expected = party / (1 + partyMembers.filter(here).length)
  if (weights.friends > 0) {
    const company = [...friends].filter((friend) => blocked?.has(friend) !== true)
    expected += (likely * count(company, elsewhere)) / (1 + count(company, here))
  }
  if (weights.guild > 0 && holder.guild !== undefined) {
    const online = onlineGuilds(census, now).get(holder.guild)
    let mates = online?.get(map) ?? 0
    let away = 0
    for (const [other, members] of online ?? []) if (other !== map) away += members
    for (const person of blocked ?? []) {
      const at = guildOf(person, census) === holder.guild ? census.whereabouts.get(person) : undefined
      if (at?.map === map) mates--
      else if (at !== undefined) away--
    }
    // The count of the guild is up to a second old, and the blocked characters are counted now.
    expected += (likely * Math.max(0, away)) / (1 + Math.max(0, mates))
  }
  return expected
}

/** The guild of a character that has a seat. */
function guildOf(person: CharacterId, { whereabouts, maps }: Census): GuildId | undefined {
  const at = whereabouts.get(person)
  return at === undefined ? undefined : maps.get(at.map)?.copies.get(at.copy)?.seats.get(person)?.guild
}

function count(people: Iterable<string>, which: (person: string) => boolean): number {
  let sum = 0
  for (const person of people) if (which(person)) sum++
  return sum
}

function onlineGuilds(census: Census, now: Instant): Map<GuildId, Map<MapName, number>> {
  const known = counted.get(census.maps)
  if (known !== undefined && now - known.at < COUNT_EVERY_MS) return known.online
  const online = new Map<GuildId, Map<MapName, number>>()
  for (const [map, { copies }] of census.maps) {
    for (const { guilds } of copies.values()) {
      for (const [guild, members] of guilds) {
        const onMaps = online.get(guild) ?? new Map<MapName, number>()
        online.set(guild, onMaps.set(map, (onMaps.get(map) ?? 0) + members))
      }
    }
  }
  counted.set(census.maps, { at: now, online })
  return online
}
