import type { MapCensus } from '../../model/census.ts'
import type { CharacterId, GuildId } from '../../model/ids.ts'
import type { PlacementRequest, Ranking } from '../../model/placement/placement.ts'
import type { MapPolicy } from '../../model/policy/policy.ts'
import type { SeatOption, SeatRequest } from '../../model/seat.ts'
import type { Constants } from '../constants.ts'

/**
 * The anchor of a guild that is just arriving. Its members arrive in the same second through several matchmakers, which do not see each other's
 * placements yet and would scatter them. The anchor chooses among the best options that differ only in the weighted score, not in a tier (party, copy
 * that stays open, friends). An established guild needs none: its share in a copy attracts members, and a single arrival does not change that.
 */
export function guildAnchor(
  { members }: PlacementRequest,
  policy: MapPolicy,
  { ranking, options, map, constants }: { ranking: Ranking; options: readonly SeatOption[]; map: MapCensus; constants: Constants },
): SeatRequest['group'] {
  const [best] = options
  const guild = members[0]?.holder.guild
  if (best === undefined || guild === undefined || policy.placement.weights.guild === 0) return undefined
  // The guild-mate who just got a seat may be a blocked one.
  if (members.some(({ blocked }) => blocked !== undefined && hasMate(blocked, guild, map))) return undefined
  if (members.some(({ holder }) => holder.guild !== guild) || (map.copies.get(best.copy)?.guilds.get(guild) ?? 0) >= constants.establishedMates)
    return undefined
  return { id: guild, among: countEqual(ranking.candidates, options), forMs: constants.arrivingMs }
}

/** Whether one of these people has a seat on the map as a member of the guild. */
function hasMate(people: ReadonlySet<CharacterId>, guild: GuildId, { copies }: MapCensus): boolean {
  for (const { guilds, seats } of copies.values()) {
    if (guilds.has(guild)) for (const person of people) if (seats.get(person)?.guild === guild) return true
  }
  return false
}

/** Number of leading options with the same tiers as the best. Both lists are in ranking order. */
function countEqual(candidates: Ranking['candidates'], options: readonly SeatOption[]): number {
  let [among, at] = [0, 0]
  let best: readonly number[] | undefined
  for (const { copy } of options) {
    while (at < candidates.length && candidates[at]?.copy !== copy) at++
    const tiers = candidates[at]?.tiers ?? []
    best ??= tiers
    for (let n = 0; n < tiers.length; n++) if (tiers[n] !== best[n]) return among
    among++
  }
  return among
}
