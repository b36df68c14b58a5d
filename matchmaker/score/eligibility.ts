import type { Census, CopyCensus } from '../../model/census.ts'
import type { Instant } from '../../model/clock.ts'
import { readsState } from '../../model/copy.ts'
import type { PlacementRequest } from '../../model/placement/placement.ts'
import type { MapPolicy } from '../../model/policy/policy.ts'
import { SERVER_LOST_AFTER_MS, type ServerReport } from '../../model/server.ts'
import { type Company, hasCompany } from './company.ts'
import { strangersLimit } from './headroom.ts'
import type { SignalInput } from './signals.ts'

/** Why a copy is out of the question for these people. */
export type Filter =
  | 'not open'
  | 'closing'
  | 'draining'
  | 'protocol'
  | 'state version'
  | 'region'
  | 'latency'
  | 'other copy'
  | 'other party'
  | 'party elsewhere'
  | 'soft cap'
  | 'full'

/** What a ranking depends on besides the request and the map. */
export interface RankContext {
  policy: MapPolicy
  servers: Census['servers']
  now: Instant
}

/** They come to somebody inside: a member of the party, or the one whom they asked to join. */
export function joinsSomebody(request: PlacementRequest, company: Company): boolean {
  return company.party > 0 || request.asCompany === true
}

/**
 * The cap that holds for these people in this copy (rule P3): at most soft for strangers, less where company of those inside is on its way
 * (headroom.ts); `company` seats more beside friends and guild, hard beside the party or whoever they join by name. A weight of 0 takes
 * friends or guild out of the company.
 */
export function limitFor(request: PlacementRequest, copy: CopyCensus, company: Company, { policy, now }: RankContext): number {
  const { capacity } = policy
  if (joinsSomebody(request, company)) return capacity.hard
  if (hasCompany(company, policy)) return Math.min(capacity.hard, capacity.soft + capacity.company)
  return strangersLimit(copy, policy, now, request.members.length)
}

/** So many guild-mates in a closing copy are a guildAccepted to come to, and no leftovers. */
const MIN_GUILD_MATES = 3
/** For this share of `merge.patience` a closing copy stays one: what comes later would only prolong it. */
const ACCEPTING_SHARE = 0.45

/** A copy that merges is left by its people over the best part of an hour: until then their guild is not torn by sending those who come elsewhere. */
export function acceptsGuildMates({ members }: PlacementRequest, { copy }: CopyCensus, { guild }: Company, { policy, now }: RankContext): boolean {
  const { merge, placement } = policy
  if (copy.state !== 'closing' || copy.reason !== 'merge' || placement.weights.guild === 0) return false
  return guild >= MIN_GUILD_MATES * members.length && now - copy.since < ACCEPTING_SHARE * merge.patienceMs
}

/** The server of a copy that people can be in: a lost copy, or one whose server has fallen silent, holds nobody back. */
export function livingServer({ copy }: CopyCensus, servers: Census['servers'], now: Instant): ServerReport | undefined {
  if (copy.state !== 'open' && copy.state !== 'closing') return undefined
  const server = servers.get(copy.server)
  return server !== undefined && now - server.beat <= SERVER_LOST_AFTER_MS ? server : undefined
}

/** A copy before it is weighed. */
export interface Candidate extends SignalInput {
  /** Undefined: nobody can be in this copy (`livingServer`). */
  server: ServerReport | undefined
  /** What `limitFor` says. */
  limit: number
  /** What `acceptsGuildMates` says. */
  guildAccepted: boolean
}

/** Why not this copy. */
export function filterOf({ request, copy: { copy, seats }, company, view, latencyMs, server, limit, guildAccepted }: Candidate): Filter | undefined {
  const { capacity, placement } = view.policy
  if (request.copy !== undefined && copy.id !== request.copy) return 'other copy'
  if (server === undefined) return 'not open'
  if (copy.party !== undefined && copy.party !== request.party) return 'other party'
  if (server.draining) return 'draining'
  if (request.protocol < server.protocol.min || request.protocol > server.protocol.max) return 'protocol'
  if (!readsState(copy, view.newestState)) return 'state version'
  if (request.region !== undefined && server.region !== undefined && request.region !== server.region) return 'region'
  // To somebody inside one comes however far it is.
  if (placement.maxLatencyMs !== undefined && (latencyMs ?? 0) > placement.maxLatencyMs && !joinsSomebody(request, company)) return 'latency'
  if (view.partyOnMap && company.party === 0) return 'party elsewhere'
  if (copy.state === 'closing' && !guildAccepted && !joinsSomebody(request, company)) return 'closing'
  const after = seats.size - company.ownSeats + request.members.length
  if (after > limit) return after > capacity.hard ? 'full' : 'soft cap'
  return undefined
}
