import type { CopyCensus } from '../model/census.ts'
import type { PlacementRequest } from '../model/placement/placement.ts'
import type { GameSignals, PlacementCode, PlacementQuestion } from '../model/policy/gameSignal.ts'
import { type ContainedKeys, KEYS_PREFIX } from '../model/policy/instanceKey.ts'
import type { MapPolicy, Policies } from '../model/policy/policy.ts'

/** The part of `SignalInput` (`signals.ts`) that a question is made of. */
interface Candidate {
  request: PlacementRequest
  copy: CopyCensus
  latencyMs: number | undefined
  view: { policy: MapPolicy }
}

interface GameTerm {
  name: string
  weight: number
  signal(candidate: Candidate): number
}

/** Prefix of the terms in decisions and in `strata explain`. */
const PREFIX = 'game.'
const NO_ATTRIBUTES: PlacementQuestion['copy']['attributes'] = new Map()

/** The terms of the game's own signals. A signal that is weighed but not loaded is a term, too: `strata explain` then shows that it adds 0. */
export function gameTerms({ placement: { gameWeights, gameSignals } }: MapPolicy): GameTerm[] {
  return Object.entries(gameWeights).flatMap(([name, weight]) => {
    if (weight === 0) return []
    const own = gameSignals?.[name]
    return [{ name: `${PREFIX}${name}`, weight, signal: own === undefined ? () => 0 : (candidate: Candidate) => own(questionOf(candidate)) }]
  })
}

function questionOf({ request, copy: { copy, seats, guilds, languages, attributes }, latencyMs, view }: Candidate): PlacementQuestion {
  const { soft, hard } = view.policy.capacity
  const question: PlacementQuestion = {
    map: request.map,
    members: request.members.map(({ holder }) => holder),
    copy: { id: copy.id, players: seats, guilds, languages, attributes: attributes ?? NO_ATTRIBUTES },
    capacity: { soft, hard },
  }
  if (request.party !== undefined) question.party = request.party
  if (latencyMs !== undefined) question.latencyMs = latencyMs
  if (request.latencyMs !== undefined) question.latencies = request.latencyMs
  return question
}

/** Adds the game's functions to policies. The same policy gets the same result each time, because others remember values per policy. */
export class CodedPolicies {
  readonly #code: PlacementCode
  readonly #known = new WeakMap<MapPolicy, MapPolicy>()

  constructor(code: PlacementCode) {
    this.#code = code
  }

  withCode(policies: Policies): Policies {
    return new Map(Array.from(policies, ([map, policy]) => [map, this.#of(policy)]))
  }

  #of(policy: MapPolicy): MapPolicy {
    const { signals } = this.#code
    const { key } = policy.instance
    if (key === undefined && Object.keys(signals).length === 0) return policy
    let changed = this.#known.get(policy)
    if (changed === undefined) {
      const instance = key === undefined ? policy.instance : { ...policy.instance, keyOf: this.#keyOf(key) }
      changed = { ...policy, instance, placement: { ...policy.placement, gameSignals: signals } }
      this.#known.set(policy, changed)
    }
    return changed
  }

  #keyOf(name: string): ContainedKeys[string] {
    const { instanceKeys, failed } = this.#code
    return (
      instanceKeys[name] ??
      (() => {
        failed?.(`${KEYS_PREFIX}${name}`, new Error('the placement code exports no function of this name'))
        return undefined
      })
    )
  }
}

/** Signals that a policy weighs but the game's code lacks. */
export function missingSignals({ placement: { gameWeights } }: MapPolicy, signals: GameSignals): string[] {
  return Object.entries(gameWeights).flatMap(([name, weight]) => (weight > 0 && signals[name] === undefined ? [name] : []))
}
