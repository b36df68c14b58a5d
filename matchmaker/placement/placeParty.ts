import { MapReplica } from '../../directory/mapReplica.ts'
import type { Census, MapCensus } from '../../model/census.ts'
import type { DurationMs, Instant } from '../../model/clock.ts'
import type { CharacterId, CopyId } from '../../model/ids.ts'
import type { PlacementRequest, Ranking } from '../../model/placement/placement.ts'
import type { MapPolicy } from '../../model/policy/policy.ts'
import type { SeatOption, SeatRequest } from '../../model/seat.ts'
import { mapOf, type Parts } from '../parts.ts'
import { guildAnchor } from '../score/guildAnchor.ts'
import { strangersLimit } from '../score/headroom.ts'
import { rank } from '../score/rank.ts'
import { withExpectations } from './expectations.ts'

/** Seats are held for everybody, or for nobody; `ranking` is the one that counted. */
export interface Placement {
  seat?: { copy: CopyId; deadline: Instant }
  ranking: Ranking
}

/**
 * Ranks and takes the best seat that still fits, in one atomic step for all of the party (rules P1, S3). While others wait in
 * line, only company passes them, into seats that are not open to those who wait.
 */
export async function placeParty(parts: Parts, request: PlacementRequest, policy: MapPolicy, holdMs: DurationMs = policy.seatHoldMs): Promise<Placement> {
  const stop = parts.metrics.placementSeconds.startTimer()
  const census = parts.world.census()
  const first = await attempt(parts, request, policy, holdMs, census, mapOf(census, request.map))
  // A member may have been seated through another matchmaker an instant ago: only the directory itself knows where, and with which cap.
  const raced = first.seat === undefined && request.party !== undefined && first.ranking.options.length > 0
  const placement = raced ? await again(parts, request, policy, holdMs, census) : first
  stop()
  return placement
}

/** Who comes along and has a seat by now needs none: the others come to them. */
async function again(parts: Parts, request: PlacementRequest, policy: MapPolicy, holdMs: DurationMs, census: Census): Promise<Placement> {
  const { map: name, copies, seated, waiting } = new MapReplica(await parts.directory.snapshot(request.map))
  // A directory that was emptied a moment ago does not know of the line; the replica still does.
  const map = { map: name, copies, seated, waiting: Math.max(waiting, mapOf(census, name).waiting) }
  const hasSeat = seatedOn(map)
  const members = request.members.filter(({ holder }, index) => index === 0 || !hasSeat(holder.character))
  return attempt(parts, { ...request, members }, policy, holdMs, census, map)
}

async function attempt(parts: Parts, request: PlacementRequest, policy: MapPolicy, holdMs: DurationMs, census: Census, map: MapCensus): Promise<Placement> {
  const now = parts.clock.now()
  const ranking = rank(request, map, policy, census.servers, now)
  const passing = (option: SeatOption): boolean => passesTheLine(option, map, policy, now, request.members.length)
  const options = map.waiting > 0 ? ranking.options.filter(passing) : ranking.options
  if (options.length === 0) return { ranking }
  const deadline = now + holdMs
  const copy = await parts.directory.holdSeats(seatRequest(request, policy, census, { ranking, options, now, deadline, map }))
  return copy === undefined ? { ranking } : { seat: { copy, deadline }, ranking }
}

/** What goes into the atomic step. */
export function seatRequest(
  request: PlacementRequest,
  policy: MapPolicy,
  census: Census,
  { ranking, options, now, deadline, map }: { ranking: Ranking; options: SeatOption[]; now: Instant; deadline: Instant; map: MapCensus },
): SeatRequest {
  const group = guildAnchor(request, ranking, options, map, policy)
  const unseated = request.party === undefined || request.members.length === 1 ? [] : unseatedOf(request, map)
  return {
    map: request.map,
    holders: withExpectations(request, policy, census, now),
    options,
    now,
    deadline,
    ...(request.party === undefined ? {} : { party: request.party }),
    ...(group === undefined ? {} : { group }),
    ...(unseated.length === 0 ? {} : { unseated }),
  }
}

/** Those who have no seat on the map yet, as far as it is known here. */
function unseatedOf({ members }: PlacementRequest, map: MapCensus): CharacterId[] {
  const hasSeat = seatedOn(map)
  return members.map(({ holder }) => holder.character).filter((character) => !hasSeat(character))
}

function seatedOn({ copies }: MapCensus): (character: CharacterId) => boolean {
  const living = [...copies.values()].filter(({ copy }) => copy.state === 'open' || copy.state === 'closing')
  return (character) => living.some(({ seats }) => seats.has(character))
}

/** Into seats that are not open to strangers, which those who wait are: above soft, or kept for company on its way. */
function passesTheLine({ copy, limit, evenClosing }: SeatOption, map: MapCensus, policy: MapPolicy, now: Instant, newcomers: number): boolean {
  const census = map.copies.get(copy)
  return evenClosing === true || (census !== undefined && limit > strangersLimit(census, policy, now, newcomers))
}
