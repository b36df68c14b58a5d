import type { MapCensus } from '../model/census.ts'
import type { CopyId } from '../model/ids.ts'
import type { CandidateRecord } from '../model/placement/decision.ts'
import type { PlacementRequest, Ranking } from '../model/placement/placement.ts'
import { isDoubted } from '../model/server.ts'
import { countCompany, hasCompany, NO_COMPANY } from './company.ts'
import { CONSTANTS } from './constants.ts'
import { acceptsGuildMates, filterOf, isOverdue, joinsSomebody, limitFor, livingServer, type RankContext, seatsForMoves } from './eligibility.ts'
import { graded, type SignalInput, type Term, viewOf } from './signals.ts'

type Ranked = CandidateRecord & { tiers: readonly number[]; score: number }

/**
 * Ranks the copies that a request may enter, best first. First comes eligibility. Then come strict tiers: the party (rule P1: while members are on the map
 * only their copies count); a copy that stays open before a closing one; friends where the policy puts them first; the copy that the members left a short time
 * ago. The weighted score comes last.
 * Ties go by copy id, so the same input gives the same result (rule P4). Pure, and the only scorer: the simulator runs it too.
 */
export function rank(request: PlacementRequest, map: MapCensus, context: RankContext): Ranking {
  const { policy, servers, now, constants = CONSTANTS } = context
  const companies = countCompany(request, map, constants)
  let [partyOnMap, accompanied] = [false, false]
  for (const [id, company] of companies) {
    const copy = map.copies.get(id)
    if (copy === undefined) continue
    // With keys of the game, members of one party may be in several instances.
    const own = copy.copy.instanceKey === request.instanceKey
    if (company.party > 0 && own && livingServer(copy, servers, now) !== undefined && !isOverdue(copy, now)) partyOnMap = true
    if (copy.copy.state === 'open' && hasCompany(company, policy)) accompanied = true
  }
  const view = viewOf(request, map, policy, { accompanied, partyOnMap, constants })
  const keptSeats = seatsForMoves(map, context)
  const ranked: Ranked[] = []
  const filtered: CandidateRecord[] = []
  const evenClosing = new Set<CopyId>()
  for (const copy of map.copies.values()) {
    const company = companies.get(copy.copy.id) ?? NO_COMPANY
    const kept = keptSeats.get(copy.copy.id) ?? 0
    const limit = Math.min(limitFor(request, copy, company, context), policy.capacity.hard - kept)
    const server = livingServer(copy, servers, now)
    const latencyMs = server?.region === undefined ? undefined : request.latencyMs?.[server.region]
    const guildAccepted = acceptsGuildMates(request, copy, company, context)
    const doubted = server !== undefined && isDoubted(server, now)
    const candidate = { request, copy, company, view, latencyMs, server, doubted, limit, guildAccepted, kept, overdue: isOverdue(copy, now) }
    const reason = filterOf(candidate)
    const { id, state } = copy.copy
    if (reason !== undefined) {
      filtered.push({ copy: id, filtered: reason, population: copy.seats.size, limit })
      continue
    }
    ranked.push({ ...scored(candidate, state === 'open' || guildAccepted), limit })
    if (guildAccepted || joinsSomebody(request, company)) evenClosing.add(id)
  }
  ranked.sort(compare)
  return {
    options: ranked.map(({ copy, limit }) => (evenClosing.has(copy) ? { copy, limit, evenClosing: true } : { copy, limit })),
    candidates: [...ranked, ...filtered.sort((a, b) => (a.copy < b.copy ? -1 : 1))],
  }
}

/** The sort keys and the score of one copy, whether or not it has room. `staysOpen`: the copy is not closing for these people. */
export function scored(input: SignalInput, staysOpen: boolean): Omit<Ranked, 'limit'> {
  const { request, company, copy, view } = input
  const { friends, weights } = view.policy.placement
  const first = friends === 'first' && weights.friends > 0 ? graded(company.closeness) : 0
  const back = request.members.filter(({ leftCopy }) => leftCopy === copy.copy.id).length
  const { terms, score } = weightedScore(input)
  return { copy: copy.copy.id, tiers: [company.party, staysOpen ? 1 : 0, first, back], terms, score, population: copy.seats.size }
}

function weightedScore(input: SignalInput): { terms: Record<string, number>; score: number } {
  const terms: Record<string, number> = {}
  let score = 0
  // `for … of` would allocate an iterator result per step in a function this long: a quarter of the garbage of a ranking.
  for (let n = 0; n < input.view.terms.length; n++) {
    const { name, weight, signal } = input.view.terms[n] as Term // n is below the length
    const term = rounded(weight * signal(input))
    terms[name] = term
    score += term
  }
  return { terms, score: rounded(score) }
}

/** Rounds to 1e-9. Sums of fractions differ in the last bits with the order of the copies, and equal copies must compare equal (rule P4). */
function rounded(value: number): number {
  return Math.round(value * 1e9) / 1e9
}

/** Best first. */
export function compare(a: Omit<Ranked, 'limit'>, b: Omit<Ranked, 'limit'>): number {
  for (let tier = 0; tier < a.tiers.length; tier++) {
    const ahead = (b.tiers[tier] ?? 0) - (a.tiers[tier] ?? 0)
    if (ahead !== 0) return ahead
  }
  if (a.score !== b.score) return a.score > b.score ? -1 : 1
  return a.copy < b.copy ? -1 : 1
}
