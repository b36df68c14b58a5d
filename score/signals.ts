import type { CopyCensus, MapCensus } from '../model/census.ts'
import type { CopyId, Language } from '../model/ids.ts'
import { spokenBy } from '../model/people/languages.ts'
import type { PlacementRequest } from '../model/placement/placement.ts'
import type { MapPolicy, PlacementWeights } from '../model/policy/policy.ts'
import { attributeSignal, attributeViewOf } from './attributes.ts'
import { type Company, familiarOn, guildMatesOf, hasCompany, meanMates } from './company.ts'
import type { Constants } from './constants.ts'
import { gameTerms } from './gameSignals.ts'

/** Values that are the same for every copy of the map, computed once per ranking. */
export interface MapView {
  policy: MapPolicy
  constants: Constants
  /**
   * The languages of the map. `prior`: its speakers among `prior` (constants.ts) average players of the map. `newcomers`: the share of the members
   * who speak it and no other language.
   */
  languages: readonly { language: Language; prior: number; newcomers: number }[]
  /** The languages of each member who speaks several, best first, with the same `prior`. */
  polyglots: readonly (readonly { language: Language; prior: number }[])[]
  /** Whether somebody on the map speaks several languages, so that the shares of all languages add up to more than 1. */
  multilingual: boolean
  /** The newest state version among the members. A copy must be able to read it. */
  newestState: number
  /** The terms summed for each copy. A signal with weight 0, or latency without measurements, is left out and costs nothing. */
  terms: readonly Term[]
  /** For each member with known people on the map: their summed closeness per copy (`familiarOn`). */
  familiar: readonly ReadonlyMap<CopyId, number>[]
  /** Some copy has friends or guild-mates of the members. */
  accompanied: boolean
  /** Party members are in some copy already, so only their copies count (rule P1). */
  partyOnMap: boolean
}

export interface SignalInput {
  request: PlacementRequest
  copy: CopyCensus
  /** Round trip in ms between the client and the copy's server. Undefined when the client has not measured it, or the server has no region. */
  latencyMs: number | undefined
  company: Company
  view: MapView
}

/** One signal with its weight from the policy. */
export interface Term {
  name: string
  weight: number
  signal: (input: SignalInput) => number
}

/** Names of the weighted signals. The policy can make friends a tier before them (`rank.ts`). */
export type SignalName = keyof PlacementWeights

/**
 * Maps a count to 0..1: 0 → 0, 1 → 0.5, 2 → 0.75, 3 → 0.875 … The first companion matters most, and five are still better than four. (Roblox
 * documents a binary signal, in which one friend counts as much as twenty.)
 */
export function graded(count: number): number {
  return 1 - 2 ** -count
}

/**
 * The signals, each 0..1, summed with the policy's weights. With several members each signal is the mean over them. A member without a guild, or
 * without known people, gets 0 from that signal in every copy, which decides nothing.
 */
export const signals: Record<SignalName, (input: SignalInput) => number> = {
  /**
   * Friends in this copy, each weighted by closeness, as a share of `fullFriends`. Linear, because each friend adds one pair that plays together.
   */
  friends({ request, company, view }) {
    if (view.policy.placement.friends === 'first') return 0
    return Math.min(1, company.closeness / request.members.length / view.constants.fullFriends)
  },

  /** Guild-mates in this copy. Linear as with friends: the more there are, the fuller a copy may be before a newcomer goes to one with more room. */
  guild({ request, copy, company, view }) {
    if (company.guild === 0) return 0
    const { firstMate, fullMates } = view.constants
    let sum = 0
    for (const member of request.members) {
      const mates = guildMatesOf(member, copy)
      if (mates > 0) sum += Math.min(1, (mates + firstMate) / fullMates)
    }
    return sum / request.members.length
  },

  /**
   * Gain of shared language by this placement. Σ n² / size over the languages of a copy is the mean share of players around a player who speak the
   * same language. A newcomer raises it by 2 · own share − Σ share². So the signal counts speakers of the member's language, and also the harm: a
   * copy with many languages loses nothing, a copy with one language does. Shares are smoothed with those of the map. An empty copy has the shares of
   * the map. A member who speaks several languages has the share of the best one. A player inside who speaks several counts for each; then Σ share² is
   * divided by Σ share, so that it stays a mean; it is at least the square of the largest share, because each speaker of that language has this share.
   */
  language({ request, copy, view }) {
    const size = copy.seats.size + view.constants.prior
    let [shares, squares, own, largest] = [0, 0, 0, 0]
    for (const { language, prior, newcomers } of view.languages) {
      const share = ((copy.languages.get(language) ?? 0) + prior) / size
      shares += share
      squares += share * share
      largest = Math.max(largest, share)
      own += newcomers * share
    }
    if (view.multilingual && shares > 0) squares = Math.max(squares / shares, largest * largest)
    for (const spoken of view.polyglots) own += bestShare(spoken, copy, size, view.constants.nextLanguage) / request.members.length
    return ((view.accompanied ? view.constants.accompanied : 1) * (1 - squares + 2 * own)) / 2
  },

  /** People met lately, graded (`graded`), so that players see the same names again. Players miss this most after a world becomes a megaserver. */
  familiar({ request, copy, view }) {
    if (view.familiar.length === 0) return 0
    let sum = 0
    for (const familiar of view.familiar) sum += graded(familiar.get(copy.copy.id) ?? 0)
    return sum / request.members.length
  },

  /** Fullness up to the soft cap. Half-empty copies are unpopular and can only be merged by moving players. */
  occupancy({ copy, view }) {
    return Math.min(1, copy.seats.size / view.policy.capacity.soft)
  },

  /**
   * 1 minus the price of a seat. The price is the value of the seat for later arrivals. It is low while there are enough seats. It is higher when the
   * copy is crowded and players inside have many guild-mates, so that a guild can grow. It is highest for a newcomer without company, who finds an
   * equal seat elsewhere.
   */
  room({ copy, company, view }) {
    const { soft, hard } = view.policy.capacity
    const { crowdedFrom, nearlyFullFrom, evenness, evenFromMates, crowd: crowded, crowdPerMate, alone, lastSeats } = view.constants
    const { size } = copy.seats
    const mates = meanMates(copy)
    const crowd = above(crowdedFrom * soft, size, hard)
    // From twice `evenness` to 0, so that it is no gain to enter an empty copy.
    let price = evenness * (1 + ((mates - evenFromMates) / (mates + evenFromMates)) * Math.min(1, size / hard))
    if (crowd > 0) price += (crowded + crowdPerMate * mates) * crowd
    if (crowd > 0 && !hasCompany(company, view.policy)) price += alone * crowd + lastSeats * above(nearlyFullFrom * soft, size, hard)
    return Math.max(0, 1 - price)
  },

  /** 0 when the latency is unknown: a server without a region counts as infinitely far for a client that measured latencies. */
  latency({ latencyMs, view: { constants } }) {
    return latencyMs === undefined ? 0 : constants.latencyHalfMs / (constants.latencyHalfMs + latencyMs)
  },
}

/** The largest share among a member's languages, each less by `nextLanguage` than the one before. */
function bestShare(spoken: MapView['polyglots'][number], copy: CopyCensus, size: number, nextLanguage: number): number {
  let [best, factor] = [0, 1]
  for (const { language, prior } of spoken) {
    best = Math.max(best, (factor * ((copy.languages.get(language) ?? 0) + prior)) / size)
    factor *= nextLanguage
  }
  return best
}

/** 0 up to `from`, then linear to 1 at `hard`. */
function above(from: number, size: number, hard: number): number {
  return size <= from ? 0 : Math.min(1, (size - from) / (hard - from))
}

export const signalNames = Object.keys(signals) as SignalName[]

export function viewOf(
  request: PlacementRequest,
  map: MapCensus,
  policy: MapPolicy,
  known: Pick<MapView, 'accompanied' | 'partyOnMap' | 'constants'>,
): MapView {
  const { prior } = known.constants
  const speakers = map.languages ?? speakersOn(map)
  let [spoken, population] = [0, 0]
  for (const count of speakers.values()) spoken += count
  for (const { seats } of map.copies.values()) population += seats.size
  const languages = Array.from(speakers, ([language, count]) => ({
    language,
    prior: (prior * count) / population,
    newcomers: request.members.filter(({ holder }) => holder.languages === undefined && holder.language === language).length / request.members.length,
  }))
  const polyglots = request.members.flatMap(({ holder }) =>
    holder.languages === undefined
      ? []
      : [spokenBy(holder).map((language) => ({ language, prior: population === 0 ? 0 : (prior * (speakers.get(language) ?? 0)) / population }))],
  )
  const met =
    policy.placement.weights.familiar === 0 ? [] : request.members.map((member) => familiarOn(member, map, known.constants)).filter(({ size }) => size > 0)
  return {
    policy,
    languages,
    polyglots,
    multilingual: spoken > population,
    newestState: newestState(request),
    terms: termsOf(request, map, policy, prior),
    familiar: met,
    ...known,
  }
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

function termsOf(request: PlacementRequest, map: MapCensus, policy: MapPolicy, prior: number): Term[] {
  const { weights, attributes } = policy.placement
  const terms: Term[] = []
  for (const name of signalNames) {
    if (weights[name] === 0 || (name === 'latency' && request.latencyMs === undefined)) continue
    terms.push({ name, weight: weights[name], signal: signals[name] })
  }
  for (const rule of attributes) {
    if (rule.weight === 0) continue
    const view = attributeViewOf(request, map, rule)
    const signal = ({ copy }: SignalInput): number => attributeSignal(rule, view, copy, prior) / request.members.length
    terms.push({ name: `@${rule.name}`, weight: rule.weight, signal })
  }
  terms.push(...gameTerms(policy))
  return terms
}
