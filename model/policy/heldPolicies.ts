import type { Census, CopyCensus, MapCensus } from '../census.ts'
import type { DurationMs, Instant } from '../clock.ts'
import type { FleetName, MapName } from '../ids.ts'
import { ownerId } from './instanceKey.ts'
import { type MapPolicy, type Policies, toMapPolicy } from './policy.ts'
import { mapPolicySchema } from './schema.ts'

/** How long a removed policy stays in force after the last player was seen on its map, in ms: players who lost their server come back within this time. */
const HELD_AFTER_MS: DurationMs = 300_000

/** Caps of a map whose policy is not known: a copy holds at least as many as the fullest one of the map holds now. */
const [LEAST_SOFT, COMPANY] = [40, 10]

export interface HeldOptions {
  /** Removed policies also stay in force while the map has empty copies, so that the planner closes them. */
  whileCopies: boolean
  /** Removed policies that can still be read: deleted objects with a finalizer. A process that starts after the removal knows them from here. */
  removed?: () => Policies
  /** Called when a policy was removed while people are on its map. */
  onHeld?: (map: MapName, people: number) => void
}

/**
 * Keeps the policy of a map in force after it was removed, until its players have left. Without a policy, nobody could be moved from a server that ends, the
 * copies of a lost server would stay without limit, and their players could not come back. The map wants no copies of its own any more. A process that starts
 * later reads the removed policy where it still can (`removed`), and else uses the defaults.
 */
export class HeldPolicies {
  readonly #options: HeldOptions
  readonly #known = new Map<MapName, MapPolicy>()
  /** Removed policies in force, with what each was made from (nothing: the defaults), and the last time when players were seen. */
  readonly #held = new Map<MapName, { policy: MapPolicy; madeFrom: MapPolicy | undefined; playedAt: Instant }>()

  constructor(options: HeldOptions) {
    this.#options = options
  }

  /** The policies, and the removed ones that are still in force. */
  inForce(policies: Policies, census: Census, now: Instant): Policies {
    for (const known of [this.#options.removed?.() ?? [], policies]) for (const [map, policy] of known) this.#known.set(map, policy)
    const removed = new Set([...census.maps.keys(), ...this.#held.keys()].filter((map) => !policies.has(map)))
    const more: [MapName, MapPolicy][] = []
    for (const map of this.#held.keys()) if (!removed.has(map)) this.#held.delete(map)
    for (const map of removed) {
      const ofMap = census.maps.get(map)
      const people = peopleOn(ofMap)
      const before = this.#held.get(map)
      if (people > 0 && before === undefined) this.#options.onHeld?.(map, people)
      const playedAt = people > 0 ? now : (before?.playedAt ?? Number.NEGATIVE_INFINITY)
      const copies = [...(ofMap?.copies.values() ?? [])]
      if (now - playedAt >= HELD_AFTER_MS && !(this.#options.whileCopies && copies.length > 0)) {
        this.#held.delete(map)
        continue
      }
      const madeFrom = this.#known.get(map)
      // A process that starts may see players before it has read the removed policy.
      const policy = before !== undefined && before.madeFrom === madeFrom ? before.policy : withoutCopies(madeFrom ?? defaultPolicy(map, copies, census))
      this.#held.set(map, { policy, madeFrom, playedAt })
      more.push([map, policy])
    }
    return more.length === 0 ? policies : new Map([...policies, ...more])
  }
}

function peopleOn(ofMap: MapCensus | undefined): number {
  if (ofMap === undefined) return 0
  let people = ofMap.waiting
  for (const { seats } of ofMap.copies.values()) people += seats.size
  return people
}

/** The same policy, for a map that only the players who are there keep. */
function withoutCopies(policy: MapPolicy): MapPolicy {
  return { ...policy, copies: { ...policy.copies, min: 0, warm: { copies: 0 } }, merge: { ...policy.merge, minAgeMs: 0 }, events: [] }
}

/** Defaults for a map whose policy this process never knew. */
function defaultPolicy(map: MapName, copies: readonly CopyCensus[], { servers }: Census): MapPolicy {
  const fleets: FleetName[] = copies.flatMap(({ copy }) => servers.get(copy.server)?.fleet ?? [])
  const kind = copies.some(({ copy }) => ownerId(copy) !== undefined) ? 'instance' : 'zone'
  const fullest = Math.max(...copies.map(({ seats }) => seats.size), LEAST_SOFT)
  const capacity = { soft: fullest, hard: fullest + COMPANY, company: COMPANY }
  const spec = { fleet: fleets[0] ?? [...servers.values()][0]?.fleet ?? 'unknown', kind, capacity }
  return toMapPolicy(mapPolicySchema.parse({ apiVersion: 'strata.dev/v1alpha1', kind: 'MapPolicy', metadata: { name: map }, spec }), 'removed')
}
