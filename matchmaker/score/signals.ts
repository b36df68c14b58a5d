import type { CopyCensus, MapCensus } from '../../model/census.ts'
import type { PlacementRequest } from '../../model/placement.ts'
import type { MapPolicy, PlacementWeights } from '../../model/policy/policy.ts'
import { type AttributeView, attributeViewOf, PRIOR } from './attributes.ts'
import { type Company, closenessInside, guildMatesOf } from './company.ts'

/** What is the same for every copy of the map, worked out once per ranking. */
export interface MapView {
  policy: MapPolicy
  /** Per member, in order: share of everybody on the map who speaks their language. */
  languageOnMap: number[]
  attributes: AttributeView
}

export interface SignalInput {
  request: PlacementRequest
  copy: CopyCensus
  /** Round trip from the asker to the copy's server; undefined when the client has measured none, or the server has no region. */
  latencyMs: number | undefined
  company: Company
  view: MapView
}

/** The weighted rest. Friends are weighed beside these, or are a tier of their own (`rank.ts`). */
export type SignalName = Exclude<keyof PlacementWeights, 'friends'>

/**
 * Graded, not yes or no: 0 → 0, 1 → 0.5, 2 → 0.75, 3 → 0.875 … The first companion matters most, and five are still
 * better than four. (Roblox' signal is binary, so that one friend weighs as much as twenty: notes/megaservers.md §1.10.)
 */
export function graded(count: number): number {
  return 1 - 2 ** -count
}

/** From this share of soft on a copy gets crowded: a guild that is here doubles its number within the hour now and then. */
const ROOMY = 0.78
/** Of the weight of room, what evens out copies that are not crowded. */
const EVEN = 0.1
const MANY_MATES = 10

/** Half of the signal is gone at this distance: what third-person games still hide well (Claypool & Claypool, notes/megaservers.md §5). */
const LATENCY_HALF_MS = 100

/**
 * The terms of the score, each 0..1, summed with the policy's weights (form of Roblox' published scorer, §1.10). With several
 * members each signal is the mean over them. Missing attributes: who has no guild, or meets nobody, gets 0 from that signal
 * everywhere, which decides nothing.
 */
export const signals: Record<SignalName, (input: SignalInput) => number> = {
  /** Guild-mates in this copy, ten and more being as good as can be. By heads: each one met is a pair that plays together, and the
   *  more there are, the fuller a copy may be before a newcomer goes where there is more room. */
  guild({ request, copy }) {
    let sum = 0
    for (const member of request.members) sum += Math.min(1, guildMatesOf(member, copy) / MANY_MATES)
    return sum / request.members.length
  },

  /** Share of the copy that speaks the member's language, smoothed with the map's own share, which is also what an empty copy gets. */
  language({ request, copy, view }) {
    let sum = 0
    for (let i = 0; i < request.members.length; i++) {
      const language = request.members[i]?.holder.language ?? ''
      const speakers = copy.languages.get(language) ?? 0
      sum += (speakers + PRIOR * (view.languageOnMap[i] ?? 0)) / (copy.seats.size + PRIOR)
    }
    return sum / request.members.length
  },

  /** People met lately, graded: "see the same names" (what players missed most after a megaserver came: §3 "lost community"). */
  familiar({ request, copy }) {
    let sum = 0
    for (const member of request.members) sum += graded(closenessInside(member.familiar, member.closeness, copy))
    return sum / request.members.length
  },

  /** Fill the fullest, up to soft: half-empty copies are the second thing that players hate (§3), and cannot be merged without moves. */
  occupancy({ copy, view }) {
    return Math.min(1, copy.seats.size / view.policy.capacity.soft)
  },

  /** A little less with everybody inside, so that copies fill alike and each keeps some seats for the company of those who are there;
   *  much less when it gets crowded, down to 0 at the hard cap, so that who has nobody here goes elsewhere first. */
  room({ copy, view }) {
    const { soft, hard } = view.policy.capacity
    const { size } = copy.seats
    const from = ROOMY * soft
    const crowd = Math.min(1, Math.max(0, (size - from) / (hard - from)))
    return 1 - EVEN * Math.min(1, size / hard) - (1 - EVEN) * crowd
  },

  /** Missing on one side, it is 0: a server without a region is as far as can be for who has measured, and nothing counts for who has not. */
  latency({ latencyMs }) {
    return latencyMs === undefined ? 0 : LATENCY_HALF_MS / (LATENCY_HALF_MS + latencyMs)
  },
}

export const signalNames = Object.keys(signals) as SignalName[]

export function viewOf(request: PlacementRequest, map: MapCensus, policy: MapPolicy): MapView {
  const speakers = request.members.map(() => 0)
  let population = 0
  for (const copy of map.copies.values()) {
    population += copy.seats.size
    for (let i = 0; i < request.members.length; i++) {
      const member = request.members[i]
      if (member === undefined) continue
      speakers[i] = (speakers[i] ?? 0) + (copy.languages.get(member.holder.language) ?? 0)
    }
  }
  const languageOnMap = speakers.map((count) => (population === 0 ? 0 : count / population))
  return { policy, languageOnMap, attributes: attributeViewOf(request, map, policy.placement.attributes) }
}
