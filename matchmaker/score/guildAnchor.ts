import type { MapCensus } from '../../model/census.ts'
import type { PlacementRequest, Ranking } from '../../model/placement/placement.ts'
import type { MapPolicy } from '../../model/policy/policy.ts'
import type { SeatOption, SeatRequest } from '../../model/seat.ts'

/** So many mates in one copy are seen by every matchmaker, however its replica lags, and draw the others by their number. */
const ESTABLISHED_MATES = 8

/**
 * The anchor of a guild that is only just arriving: its members come in the same second through several matchmakers, which know
 * nothing of each other's placements yet, and would scatter them. It decides among the options that nothing of more weight than
 * a guild tells apart (party, a copy that stays open, friends). Where the guild is many already, its share draws, and that is
 * sticky by itself: nobody who comes or goes turns it over.
 */
export function guildAnchor(
  { members }: PlacementRequest,
  policy: MapPolicy,
  { ranking, options, map }: { ranking: Ranking; options: readonly SeatOption[]; map: MapCensus },
): SeatRequest['group'] {
  const [best] = options
  const guild = members[0]?.holder.guild
  if (best === undefined || guild === undefined || policy.placement.weights.guild === 0) return undefined
  if (members.some(({ holder }) => holder.guild !== guild) || (map.copies.get(best.copy)?.guilds.get(guild) ?? 0) >= ESTABLISHED_MATES) return undefined
  return { id: guild, among: countEqual(ranking.candidates, options) }
}

/** How many of the options nothing tells apart but the weighted rest. Both lists are in the order of the ranking. */
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
