import type { CopyCensus, MapCensus } from '../../model/census.ts'
import type { PlacementRequest } from '../../model/placement.ts'
import type { MapPolicy, PlacementWeights } from '../../model/policy/policy.ts'
import { type AttributeView, attributeViewOf, PRIOR } from './attributes.ts'
import { type Company, closenessInside, guildMatesOf } from './company.ts'

/** What is the same for every copy of the map, worked out once per ranking. */
export interface MapView {
  policy: MapPolicy
  /** Per member, in order: guild-mates seated on the whole map. */
  guildOnMap: number[]
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

/** The weighted rest: friends are a tier of their own (`rank.ts`), their weight only switches that tier on or off. */
export type SignalName = Exclude<keyof PlacementWeights, 'friends'>

/**
 * Graded, not yes or no: 0 → 0, 1 → 0.5, 2 → 0.75, 3 → 0.875 … The first companion matters most, and five are still
 * better than four. (Roblox' signal is binary, so that one friend weighs as much as twenty: notes/megaservers.md §1.10.)
 */
export function graded(count: number): number {
  return 1 - 2 ** -count
}

/** Half of the signal is gone at this distance: what third-person games still hide well (Claypool & Claypool, notes/megaservers.md §5). */
const LATENCY_HALF_MS = 100

/**
 * The terms of the score, each 0..1, summed with the policy's weights (form of Roblox' published scorer, §1.10). With several
 * members each signal is the mean over them. Missing attributes: who has no guild, or meets nobody, gets 0 from that signal
 * everywhere, which decides nothing.
 */
export const signals: Record<SignalName, (input: SignalInput) => number> = {
  /** Share of the guild-mates on this map who are in this copy. Of the map, not of the copy: it pulls a guild together whatever
   *  the size of the copies, where "share of the copy" would prefer empty ones (greedy by guild-mates: 0.82 cohesion, §0.3). */
  guild({ request, copy, view }) {
    let sum = 0
    for (let i = 0; i < request.members.length; i++) {
      const member = request.members[i]
      const onMap = view.guildOnMap[i]
      if (member !== undefined && onMap !== undefined && onMap > 0) sum += guildMatesOf(member, copy) / onMap
    }
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

  /** Missing on one side, it is 0: a server without a region is as far as can be for who has measured, and nothing counts for who has not. */
  latency({ latencyMs }) {
    return latencyMs === undefined ? 0 : LATENCY_HALF_MS / (LATENCY_HALF_MS + latencyMs)
  },
}

export const signalNames = Object.keys(signals) as SignalName[]

export function viewOf(request: PlacementRequest, map: MapCensus, policy: MapPolicy): MapView {
  const guildOnMap = request.members.map(() => 0)
  const speakers = request.members.map(() => 0)
  let population = 0
  for (const copy of map.copies.values()) {
    population += copy.seats.size
    for (let i = 0; i < request.members.length; i++) {
      const member = request.members[i]
      if (member === undefined) continue
      guildOnMap[i] = (guildOnMap[i] ?? 0) + guildMatesOf(member, copy)
      speakers[i] = (speakers[i] ?? 0) + (copy.languages.get(member.holder.language) ?? 0)
    }
  }
  const languageOnMap = speakers.map((count) => (population === 0 ? 0 : count / population))
  return { policy, guildOnMap, languageOnMap, attributes: attributeViewOf(request, map, policy.placement.attributes) }
}
