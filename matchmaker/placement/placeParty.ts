import { MapReplica } from '../../directory/mapReplica.ts'
import type { Census, MapCensus } from '../../model/census.ts'
import type { DurationMs, Instant } from '../../model/clock.ts'
import { defined } from '../../model/defined.ts'
import type { CharacterId, CopyId } from '../../model/ids.ts'
import type { PlacementRequest, Ranking } from '../../model/placement/placement.ts'
import type { MapPolicy } from '../../model/policy/policy.ts'
import type { SeatOption, SeatRequest } from '../../model/seat.ts'
import { guildAnchor } from '../../score/guildAnchor.ts'
import { strangersLimit } from '../../score/headroom.ts'
import { rank } from '../../score/rank.ts'
import { traced } from '../../service/observe/trace.ts'
import { mapOf, type Parts } from '../parts.ts'
import { withExpectations } from './expectations.ts'

/** `seat` is set when seats are held for the whole party. `ranking` is the one that was used. */
export interface Placement {
  seat?: { copy: CopyId; deadline: Instant }
  ranking: Ranking
}

interface Attempt {
  policy: MapPolicy
  holdMs: DurationMs
  census: Census
}

/**
 * Ranks the copies and holds seats in the best one that still has room, in one atomic step for the whole party (rules P1, S3). While others wait in
 * line, only a party with company inside may pass them, and only into seats that are not open to the line.
 */
export function placeParty(parts: Parts, request: PlacementRequest, policy: MapPolicy, holdMs: DurationMs = policy.seatHoldMs): Promise<Placement> {
  const attributes = { 'strata.map': request.map, 'strata.members': request.members.length }
  return traced('place party', { attributes }, () => place(parts, request, policy, holdMs))
}

async function place(parts: Parts, request: PlacementRequest, policy: MapPolicy, holdMs: DurationMs): Promise<Placement> {
  const stop = parts.metrics.placementSeconds.startTimer()
  const census = parts.world.census()
  const attempt = { policy, holdMs, census }
  const first = await holdBest(parts, request, attempt, mapOf(census, request.map))
  // Another matchmaker may have seated a party member a moment ago. Only the directory knows in which copy, and therefore which cap applies.
  const raced = first.seat === undefined && request.party !== undefined && first.ranking.options.length > 0
  const placement = raced ? await holdBestFresh(parts, request, attempt) : first
  stop()
  parts.metrics.holds.inc({ result: placement.seat !== undefined ? 'held' : placement.ranking.options.length === 0 ? 'no_copy' : 'full' })
  return placement
}

/** The same on a snapshot from the directory. Members who have a seat by now need none; the others join them. */
async function holdBestFresh(parts: Parts, request: PlacementRequest, attempt: Attempt): Promise<Placement> {
  const { map: name, copies, seated, waiting } = new MapReplica(await parts.directory.snapshot(request.map))
  // A directory that just lost its data does not know the line yet; the replica still does.
  const map = { map: name, copies, seated, waiting: Math.max(waiting, mapOf(attempt.census, name).waiting) }
  const hasSeat = seatedOn(map)
  const members = request.members.filter(({ holder }, index) => index === 0 || !hasSeat(holder.character))
  return holdBest(parts, { ...request, members }, attempt, map)
}

async function holdBest(parts: Parts, request: PlacementRequest, { policy, holdMs, census }: Attempt, map: MapCensus): Promise<Placement> {
  const now = parts.clock.now()
  const ranking = rank(request, map, { policy, servers: census.servers, now })
  const passing = (option: SeatOption): boolean => passesLine(option, map, { policy, now, newcomers: request.members.length })
  const options = map.waiting > 0 ? ranking.options.filter(passing) : ranking.options
  if (options.length === 0) return { ranking }
  const deadline = now + holdMs
  const seats = seatRequest(request, policy, census, { ranking, options, now, deadline, map })
  const copy = await traced('hold seats', { attributes: { 'strata.options': options.length } }, () => parts.directory.holdSeats(seats))
  return copy === undefined ? { ranking } : { seat: { copy, deadline }, ranking }
}

/** The input of the directory's atomic step. */
export function seatRequest(
  request: PlacementRequest,
  policy: MapPolicy,
  census: Census,
  { ranking, options, now, deadline, map }: { ranking: Ranking; options: SeatOption[]; now: Instant; deadline: Instant; map: MapCensus },
): SeatRequest {
  const unseated = request.party === undefined || request.members.length === 1 ? [] : unseatedOf(request, map)
  return defined({
    map: request.map,
    holders: withExpectations(request, policy, census, now),
    options,
    now,
    deadline,
    party: request.party,
    group: guildAnchor(request, policy, { ranking, options, map }),
    unseated: unseated.length === 0 ? undefined : unseated,
  })
}

/** Members who have no seat on the map yet, according to this census. */
function unseatedOf({ members }: PlacementRequest, map: MapCensus): CharacterId[] {
  const hasSeat = seatedOn(map)
  return members.map(({ holder }) => holder.character).filter((character) => !hasSeat(character))
}

function seatedOn({ copies }: MapCensus): (character: CharacterId) => boolean {
  const living = [...copies.values()].filter(({ copy }) => copy.state === 'open' || copy.state === 'closing')
  return (character) => living.some(({ seats }) => seats.has(character))
}

/** Whether this option gives seats that are closed to strangers, and so to the line: seats above the soft cap, or seats reserved for company. */
function passesLine(
  { copy, limit, evenClosing }: SeatOption,
  map: MapCensus,
  { policy, now, newcomers }: { policy: MapPolicy; now: Instant; newcomers: number },
): boolean {
  const census = map.copies.get(copy)
  return evenClosing === true || (census !== undefined && limit > strangersLimit(census, policy, now, newcomers))
}
