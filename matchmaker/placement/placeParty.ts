import { MapReplica } from '../../directory/mapReplica.ts'
import type { Census } from '../../model/census.ts'
import type { DurationMs, Instant } from '../../model/clock.ts'
import type { CopyId } from '../../model/ids.ts'
import type { PlacementRequest, Ranking } from '../../model/placement/placement.ts'
import type { MapPolicy } from '../../model/policy/policy.ts'
import { type SeatContext, seatedOn, seatsFor } from '../../score/seating/seatsFor.ts'
import { traced } from '../../service/observe/trace.ts'
import { mapOf, type Parts } from '../parts.ts'

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

async function holdBest(parts: Parts, request: PlacementRequest, attempt: Attempt, map: SeatContext['map']): Promise<Placement> {
  const { ranking, seats } = seatsFor(request, { ...attempt, map, now: parts.clock.now() })
  if (seats === undefined) return { ranking }
  const copy = await traced('hold seats', { attributes: { 'strata.options': seats.options.length } }, () => parts.directory.holdSeats(seats))
  return copy === undefined ? { ranking } : { seat: { copy, deadline: seats.deadline }, ranking }
}
