import { MapReplica } from '../../directory/mapReplica.ts'
import type { Census, MapCensus } from '../../model/census.ts'
import type { DurationMs, Instant } from '../../model/clock.ts'
import type { CopyId } from '../../model/ids.ts'
import type { PlacementRequest, Ranking } from '../../model/placement.ts'
import type { MapPolicy } from '../../model/policy/policy.ts'
import type { SeatOption } from '../../model/seat.ts'
import { mapOf, type Parts } from '../parts.ts'
import { rank } from '../score/rank.ts'

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
  const placement = raced ? await attempt(parts, request, policy, holdMs, census, new MapReplica(await parts.directory.snapshot(request.map))) : first
  stop()
  return placement
}

async function attempt(
  parts: Parts,
  request: PlacementRequest,
  policy: MapPolicy,
  holdMs: DurationMs,
  { servers }: Census,
  map: MapCensus,
): Promise<Placement> {
  const now = parts.clock.now()
  const ranking = rank(request, map, policy, servers, now)
  const options = map.waiting > 0 ? ranking.options.filter((option) => passesTheLine(option, policy)) : ranking.options
  if (options.length === 0) return { ranking }
  const deadline = now + holdMs
  const copy = await parts.directory.holdSeats({
    map: request.map,
    holders: request.members.map(({ holder }) => holder),
    options,
    now,
    deadline,
    ...(request.party === undefined ? {} : { party: request.party }),
  })
  return copy === undefined ? { ranking } : { seat: { copy, deadline }, ranking }
}

function passesTheLine({ limit, evenClosing }: SeatOption, { capacity }: MapPolicy): boolean {
  return evenClosing === true || limit > capacity.soft
}
