import type { Census, CopyCensus, MapCensus } from '../model/census.ts'
import type { Instant } from '../model/clock.ts'
import { type Copy, hasToEnd, readsState } from '../model/copy.ts'
import type { CopyId } from '../model/ids.ts'
import { admits } from '../model/load.ts'
import type { PlacementRequest } from '../model/placement/placement.ts'
import { ownerId } from '../model/policy/instanceKey.ts'
import type { MapPolicy } from '../model/policy/policy.ts'
import { isSilent, type ServerReport } from '../model/server.ts'
import { type Company, hasCompany } from './company.ts'
import { CONSTANTS, type Constants } from './constants.ts'
import { strangersLimit } from './headroom.ts'
import type { SignalInput } from './signals.ts'

/** Why a copy is not eligible for a request. */
export type Filter =
  | 'not open'
  | 'closing'
  | 'draining'
  | 'silent'
  | 'overloaded'
  | 'protocol'
  | 'state version'
  | 'region'
  | 'latency'
  | 'other copy'
  | 'other party'
  | 'other key'
  | 'party elsewhere'
  | 'seats needed'
  | 'soft cap'
  | 'full'

/** What a ranking depends on besides the request and the map. */
export interface RankContext {
  policy: MapPolicy
  servers: Census['servers']
  now: Instant
  /** Others than the shipped ones, in a simulation. */
  constants?: Constants | undefined
}

/** Whether the request joins somebody inside: a party member, or the character that it names. */
export function joinsSomebody(request: PlacementRequest, company: Company): boolean {
  return company.party > 0 || request.asCompany === true
}

/**
 * The cap of this copy for this request (rule P3). For strangers: the soft cap, or less when seats are reserved for expected company (headroom.ts).
 * With friends or guild-mates inside: `company` seats more. With the party, or a character joined by name: the hard cap. A weight of 0 excludes
 * friends or guild from the company.
 */
export function limitFor(request: PlacementRequest, copy: CopyCensus, company: Company, { policy, now }: RankContext): number {
  const { capacity } = policy
  if (joinsSomebody(request, company)) return capacity.hard
  if (hasCompany(company, policy)) return Math.min(capacity.hard, capacity.soft + capacity.company)
  return strangersLimit(copy, policy, now, request.members.length)
}

/**
 * Whether a merging copy still accepts guild-mates. Players leave it over most of an hour; until then, sending arriving members elsewhere would split
 * the guild.
 */
export function acceptsGuildMates(
  { members }: PlacementRequest,
  { copy }: CopyCensus,
  { guild }: Company,
  { policy, now, constants = CONSTANTS }: RankContext,
): boolean {
  const { merge, placement } = policy
  if (copy.state !== 'closing' || copy.reason !== 'merge' || placement.weights.guild === 0) return false
  return guild >= constants.closingGuildMates * members.length && now - copy.since < constants.acceptingShare * merge.patienceMs
}

const NOTHING: ReadonlyMap<CopyId, number> = new Map()

/**
 * Seats of open copies that newcomers must leave free, below the hard cap, by copy. They are for players whose copy has to end, because its server drains or an
 * operator closes it: those need a seat before a newcomer does, and without one their copy would never end (rule C2). By copy, because
 * the directory compares the limit of each copy with its seats in one step, and no matchmaker sees the seats of all at once. In the order of their ids, so that
 * matchmakers whose views differ by a few seats keep the same ones.
 */
export function seatsForMoves({ copies }: MapCensus, { policy, servers }: RankContext): ReadonlyMap<CopyId, number> {
  let displaced = 0
  for (const { copy, seats } of copies.values()) if (isEnding(copy, servers)) displaced += seats.size
  if (displaced === 0) return NOTHING
  const free = [...copies.values()]
    .filter(({ copy }) => copy.state === 'open' && !isEnding(copy, servers))
    .map(({ copy, seats }) => ({ id: copy.id, seats: Math.max(0, policy.capacity.hard - seats.size) }))
    .sort((a, b) => (a.id < b.id ? -1 : 1))
  const kept = new Map<CopyId, number>()
  for (const { id, seats } of free) {
    kept.set(id, Math.min(seats, displaced))
    displaced -= Math.min(seats, displaced)
  }
  return kept
}

function isEnding(copy: Copy, servers: Census['servers']): boolean {
  if (copy.state === 'closing' && hasToEnd(copy)) return true
  return (copy.state === 'open' || copy.state === 'closing') && servers.get(copy.server)?.draining === true
}

/** The server of a copy where players can be. Undefined for a lost copy, or one whose server stopped reporting: it must not block its party. */
export function livingServer({ copy }: CopyCensus, servers: Census['servers'], now: Instant): ServerReport | undefined {
  if (copy.state !== 'open' && copy.state !== 'closing') return undefined
  const server = servers.get(copy.server)
  return server !== undefined && !isSilent(server, now) ? server : undefined
}

/** Whether the copy had to be empty by now. Nobody enters it any more, or somebody who was moved out could come back again and again (rule C2). */
export function isOverdue({ copy }: CopyCensus, now: Instant): boolean {
  return copy.state === 'closing' && now >= copy.deadline
}

/** A copy with what the filters and the score need. */
export interface Candidate extends SignalInput {
  /** Undefined when nobody can be in this copy (`livingServer`). */
  server: ServerReport | undefined
  /** Result of `isDoubted` for the server. Its players still bind their party: the server may answer again. */
  doubted: boolean
  /** Result of `limitFor`, and at most the hard cap without the seats of `kept`. */
  limit: number
  /** Result of `acceptsGuildMates`. */
  guildAccepted: boolean
  /** Seats of this copy that newcomers must leave free (`seatsForMoves`). */
  kept: number
  /** Result of `isOverdue`. */
  overdue: boolean
}

/** The first reason why the copy is not eligible; undefined when it is eligible. */
export function filterOf({
  request,
  copy: { copy, seats },
  company,
  view,
  latencyMs,
  server,
  doubted,
  limit,
  guildAccepted,
  kept,
  overdue,
}: Candidate): Filter | undefined {
  const { capacity, placement } = view.policy
  if (request.copy !== undefined && copy.id !== request.copy) return 'other copy'
  if (server === undefined) return 'not open'
  if (copy.instanceKey !== request.instanceKey) return 'other key'
  if (copy.party !== undefined && copy.party !== request.party) return 'other party'
  if (server.draining) return 'draining'
  if (doubted) return 'silent'
  // A party stays together, and an instance has no other copy to send its party to.
  if (!admits(server) && ownerId(copy) === undefined && !joinsSomebody(request, company)) return 'overloaded'
  if (request.protocol < server.protocol.min || request.protocol > server.protocol.max) return 'protocol'
  if (!readsState(copy, view.newestState)) return 'state version'
  if (request.region !== undefined && server.region !== undefined && request.region !== server.region) return 'region'
  // Joining somebody inside is allowed at any latency.
  if (placement.maxLatencyMs !== undefined && (latencyMs ?? 0) > placement.maxLatencyMs && !joinsSomebody(request, company)) return 'latency'
  if (view.partyOnMap && company.party === 0) return 'party elsewhere'
  if (copy.state === 'closing' && (overdue || (!guildAccepted && !joinsSomebody(request, company)))) return 'closing'
  const after = seats.size - company.ownSeats + request.members.length
  if (after <= limit) return undefined
  if (after > capacity.hard) return 'full'
  return after > capacity.hard - kept ? 'seats needed' : 'soft cap'
}
