import type { CopyCensus, MapCensus } from '../../model/census.ts'
import type { CopyId, Language } from '../../model/ids.ts'
import type { PlacementRequest } from '../../model/placement/placement.ts'
import type { MapPolicy, PlacementWeights } from '../../model/policy/policy.ts'
import { attributeSignal, attributeViewOf, PRIOR } from './attributes.ts'
import { type Company, familiarOn, guildMatesOf, hasCompany, meanMates } from './company.ts'

/** What is the same for every copy of the map, worked out once per ranking. */
export interface MapView {
  policy: MapPolicy
  /** The languages of the map, each with how many people of the prior speak it (`PRIOR` by its share of everybody there), and the share of the newcomers who do. */
  languages: readonly { language: Language; prior: number; newcomers: number }[]
  /** The newest version of state among the newcomers: a copy has to read it. */
  newestState: number
  /** What is summed up for each copy. A weight of 0 leaves a signal out altogether, and unpaid for; so does a request without latencies. */
  terms: readonly Term[]
  /** Of each member with people on the map whom they have played with (`familiarOn`): how close those are, in each copy where one is. */
  familiar: readonly ReadonlyMap<CopyId, number>[]
  /** Some copy holds friends or guild-mates of theirs. */
  accompanied: boolean
  /** Members of the party are in some copy already, and only their copies count (rule P1). */
  partyOnMap: boolean
}

export interface SignalInput {
  request: PlacementRequest
  copy: CopyCensus
  /** Round trip from the asker to the copy's server; undefined when the client has measured none, or the server has no region. */
  latencyMs: number | undefined
  company: Company
  view: MapView
}

/** One signal with the policy's weight. */
export interface Term {
  name: string
  weight: number
  signal: (input: SignalInput) => number
}

/** The weighted rest. Friends are among these, or a tier of their own before them (`rank.ts`). */
export type SignalName = keyof PlacementWeights

/**
 * Graded, not yes or no: 0 → 0, 1 → 0.5, 2 → 0.75, 3 → 0.875 … The first companion matters most, and five are still
 * better than four. (Roblox' signal is binary, so that one friend weighs as much as twenty: notes/megaservers.md §1.10.)
 */
export function graded(count: number): number {
  return 1 - 2 ** -count
}

/** From this share of soft on a copy gets crowded: a guild that is here doubles its number within the hour now and then. */
const ROOMY = 0.78
/** From here on it is left to those who have somebody inside, as long as others have room. */
const NEARLY_FULL = 0.91
/** What makes up the signal `room`: evening out copies that are not crowded; the crowd; the same for each guild-mate that those
 *  inside have on average; the crowd once more, and the last seats, for who comes to nobody. */
const EVEN = 0.06
const CROWD = 0.16
const CROWD_A_MATE = 0.05
const ALONE = 0.14
const LAST_SEATS = 0.4

const MANY_MATES = 15
/** The first mate counts more than half a head more: two who meet are a guild that others will find. */
const FIRST_MATE = 0.6
const MANY_FRIENDS = 10
/** Who has friends or guild-mates to go to minds the language of the others so much less: company speaks it mostly anyhow. */
const ACCOMPANIED = 0.27

/** Half of the signal is gone at this distance: what third-person games still hide well (Claypool & Claypool, notes/megaservers.md §5). */
const LATENCY_HALF_MS = 100

/**
 * The terms of the score, each 0..1, summed with the policy's weights (form of Roblox' published scorer, §1.10). With several
 * members each signal is the mean over them. Missing attributes: who has no guild, or meets nobody, gets 0 from that signal
 * everywhere, which decides nothing.
 */
export const signals: Record<SignalName, (input: SignalInput) => number> = {
  /** Friends in this copy by heads, each by how close they are; ten are as good as can be. Each one met is a pair that plays together. */
  friends({ request, company, view }) {
    if (view.policy.placement.friends === 'first') return 0
    return Math.min(1, company.closeness / request.members.length / MANY_FRIENDS)
  },

  /** Guild-mates in this copy by heads, as with friends: the more there are, the fuller a copy may be before a newcomer goes where
   *  there is more room. */
  guild({ request, copy, company }) {
    if (company.guild === 0) return 0
    let sum = 0
    for (const member of request.members) {
      const mates = guildMatesOf(member, copy)
      if (mates > 0) sum += Math.min(1, (mates + FIRST_MATE) / MANY_MATES)
    }
    return sum / request.members.length
  },

  /**
   * What a newcomer adds to understanding: the mean share of their own language that people have around them, Σ n² / size over the
   * languages of a copy, grows by 2 · own share − Σ share². So it counts whether others speak the member's language, and also
   * whom they would come among: strangers of many tongues lose nothing, a copy that has one language does. Shares are smoothed with the
   * map's own, which are also what an empty copy has.
   */
  language({ copy, view }) {
    const size = copy.seats.size + PRIOR
    let [alike, own] = [0, 0]
    for (const { language, prior, newcomers } of view.languages) {
      const share = ((copy.languages.get(language) ?? 0) + prior) / size
      alike += share * share
      own += newcomers * share
    }
    return ((view.accompanied ? ACCOMPANIED : 1) * (1 - alike + 2 * own)) / 2
  },

  /** People met lately, graded: "see the same names" (what players missed most after a megaserver came: §3 "lost community"). */
  familiar({ request, copy, view }) {
    if (view.familiar.length === 0) return 0
    let sum = 0
    for (const familiar of view.familiar) sum += graded(familiar.get(copy.copy.id) ?? 0)
    return sum / request.members.length
  },

  /** Fill the fullest, up to soft: half-empty copies are the second thing that players hate (§3), and cannot be merged without moves. */
  occupancy({ copy, view }) {
    return Math.min(1, copy.seats.size / view.policy.capacity.soft)
  },

  /**
   * What is left after the price of a seat. It is worth what it will be worth to those who come later: little while there are
   * enough of them; more when it gets crowded, and the more guild-mates people here have, so that a guild can grow; most for who
   * comes to nobody, and finds a seat as good elsewhere.
   */
  room({ copy, company, view }) {
    const { soft, hard } = view.policy.capacity
    const { size } = copy.seats
    const crowd = above(ROOMY * soft, size, hard)
    let price = EVEN * Math.min(1, size / hard)
    if (crowd > 0) price += (CROWD + CROWD_A_MATE * meanMates(copy)) * crowd
    if (crowd > 0 && !hasCompany(company, view.policy)) price += ALONE * crowd + LAST_SEATS * above(NEARLY_FULL * soft, size, hard)
    return Math.max(0, 1 - price)
  },

  /** Missing on one side, it is 0: a server without a region is as far as can be for who has measured, and nothing counts for who has not. */
  latency({ latencyMs }) {
    return latencyMs === undefined ? 0 : LATENCY_HALF_MS / (LATENCY_HALF_MS + latencyMs)
  },
}

/** 0 up to `from`, 1 at `hard`. */
function above(from: number, size: number, hard: number): number {
  return size <= from ? 0 : Math.min(1, (size - from) / (hard - from))
}

export const signalNames = Object.keys(signals) as SignalName[]

export function viewOf(request: PlacementRequest, map: MapCensus, policy: MapPolicy, those: Pick<MapView, 'accompanied' | 'partyOnMap'>): MapView {
  const speakers = map.languages ?? speakersOn(map)
  let population = 0
  for (const count of speakers.values()) population += count
  const languages = Array.from(speakers, ([language, count]) => ({
    language,
    prior: (PRIOR * count) / population,
    newcomers: request.members.filter(({ holder }) => holder.language === language).length / request.members.length,
  }))
  const met = policy.placement.weights.familiar === 0 ? [] : request.members.map((member) => familiarOn(member, map)).filter(({ size }) => size > 0)
  return { policy, languages, newestState: newestState(request), terms: termsOf(request, map, policy), familiar: met, ...those }
}

export function newestState({ members }: PlacementRequest): number {
  return Math.max(...members.map(({ stateVersion = 0 }) => stateVersion))
}

function speakersOn({ copies }: MapCensus): Map<Language, number> {
  const speakers = new Map<Language, number>()
  for (const copy of copies.values()) {
    for (const [language, count] of copy.languages) speakers.set(language, (speakers.get(language) ?? 0) + count)
  }
  return speakers
}

function termsOf(request: PlacementRequest, map: MapCensus, { placement: { weights, attributes } }: MapPolicy): Term[] {
  const terms: Term[] = []
  for (const name of signalNames) {
    if (weights[name] === 0 || (name === 'latency' && request.latencyMs === undefined)) continue
    terms.push({ name, weight: weights[name], signal: signals[name] })
  }
  for (const rule of attributes) {
    if (rule.weight === 0) continue
    const view = attributeViewOf(request, map, rule)
    const signal = ({ copy }: SignalInput): number => attributeSignal(rule, view, copy) / request.members.length
    terms.push({ name: `@${rule.name}`, weight: rule.weight, signal })
  }
  return terms
}
