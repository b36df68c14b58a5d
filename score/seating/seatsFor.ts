import type { Census, MapCensus } from '../../model/census.ts'
import type { DurationMs, Instant } from '../../model/clock.ts'
import { defined } from '../../model/defined.ts'
import type { CharacterId } from '../../model/ids.ts'
import type { PlacementRequest, Ranking } from '../../model/placement/placement.ts'
import type { MapPolicy } from '../../model/policy/policy.ts'
import type { SeatOption, SeatRequest } from '../../model/seat.ts'
import { CONSTANTS, type Constants } from '../constants.ts'
import type { RankContext } from '../eligibility.ts'
import { strangersLimit } from '../headroom.ts'
import { rank } from '../rank.ts'
import { withExpectations } from './expectations.ts'
import { guildAnchor } from './guildAnchor.ts'

/** What a decision about seats is made from. `map` is the map of the request: from the census, or fresh from the directory. */
export interface SeatContext {
  policy: MapPolicy
  census: Census
  map: MapCensus
  now: Instant
  holdMs: DurationMs
  /** Others than the shipped ones, in a simulation. */
  constants?: Constants
}

/** `seats` is the input of the directory's atomic step. It is missing when no copy may be tried. */
export interface SeatDecision {
  ranking: Ranking
  seats?: SeatRequest
}

/** The production scorer, or a baseline that the simulator compares it with. */
export type Ranker = (request: PlacementRequest, map: MapCensus, context: RankContext) => Ranking

/**
 * Decides on seats for somebody who enters (rules P1, P3, S3). While others wait in line, only a party with company inside may pass them, and only into seats that
 * are not open to the line. Pure; the matchmaker and the simulator place with it.
 */
export function seatsFor(request: PlacementRequest, context: SeatContext, ranker: Ranker = rank): SeatDecision {
  const ranking = rankingOf(request, context, ranker)
  const { map } = context
  const passing = (option: SeatOption): boolean => passesLine(option, context, request.members.length)
  return decided(request, context, ranking, map.waiting > 0 ? ranking.options.filter(passing) : ranking.options)
}

export function rankingOf(request: PlacementRequest, { policy, census, map, now, constants }: SeatContext, ranker: Ranker): Ranking {
  return ranker(request, map, { policy, servers: census.servers, now, constants })
}

/** The decision with these of the ranked options. */
export function decided(request: PlacementRequest, context: SeatContext, ranking: Ranking, options: SeatOption[]): SeatDecision {
  if (options.length === 0) return { ranking }
  const { policy, census, map, now, holdMs, constants = CONSTANTS } = context
  const unseated = request.party === undefined || request.members.length === 1 ? [] : unseatedOf(request, map)
  const seats = defined({
    map: request.map,
    holders: withExpectations(request, policy, census, now),
    options,
    now,
    deadline: now + holdMs,
    // With keys of the game, a party may be in several instances, and there is one copy per key.
    party: request.instanceKey === undefined ? request.party : undefined,
    group: guildAnchor(request, policy, { ranking, options, map, constants }),
    unseated: unseated.length === 0 ? undefined : unseated,
  })
  return { ranking, seats }
}

/** Members who have no seat on the map yet, according to this census. */
function unseatedOf({ members }: PlacementRequest, map: MapCensus): CharacterId[] {
  const hasSeat = seatedOn(map)
  return members.map(({ holder }) => holder.character).filter((character) => !hasSeat(character))
}

/** Whether a character has a seat in a copy that is open or closing. */
export function seatedOn({ copies }: MapCensus): (character: CharacterId) => boolean {
  const living = [...copies.values()].filter(({ copy }) => copy.state === 'open' || copy.state === 'closing')
  return (character) => living.some(({ seats }) => seats.has(character))
}

/** Whether this option gives seats that are closed to strangers, and so to the line: seats above the soft cap, or seats reserved for company. */
function passesLine({ copy, limit, evenClosing }: SeatOption, { map, policy, now }: SeatContext, newcomers: number): boolean {
  const census = map.copies.get(copy)
  return evenClosing === true || (census !== undefined && limit > strangersLimit(census, policy, now, newcomers))
}
