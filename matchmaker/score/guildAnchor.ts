import type { MapCensus } from '../../model/census.ts'
import type { PlacementRequest, Ranking } from '../../model/placement.ts'
import type { MapPolicy } from '../../model/policy/policy.ts'
import type { SeatOption, SeatRequest } from '../../model/seat.ts'

/** So many mates in one copy are seen by every matchmaker, however its replica lags, and draw the others by their number. */
const ENOUGH_TO_DRAW = 8

/**
 * The anchor of a guild that is only just arriving: its members come in the same second through several matchmakers, which know
 * nothing of each other's placements yet, and would scatter them. It decides among the options that nothing of more weight than
 * a guild tells apart (party, a copy that stays open, friends). Where the guild is many already, its share draws, and that is
 * sticky by itself: nobody who comes or goes turns it over.
 */
export function guildAnchor(
  { members }: PlacementRequest,
  { candidates }: Ranking,
  options: readonly SeatOption[],
  map: MapCensus,
  policy: MapPolicy,
): SeatRequest['group'] {
  const [best] = options
  const guild = members[0]?.holder.guild
  if (best === undefined || guild === undefined || policy.placement.weights.guild === 0) return undefined
  if (members.some(({ holder }) => holder.guild !== guild) || (map.copies.get(best.copy)?.guilds.get(guild) ?? 0) >= ENOUGH_TO_DRAW) return undefined
  const tiers = new Map(candidates.map((candidate) => [candidate.copy, candidate.tiers?.join()]))
  const among = options.findIndex(({ copy }) => tiers.get(copy) !== tiers.get(best.copy))
  return { id: guild, among: among < 0 ? options.length : among }
}
