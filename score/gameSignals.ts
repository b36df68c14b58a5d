import type { CopyCensus } from '../model/census.ts'
import type { PlacementRequest } from '../model/placement/placement.ts'
import type { GameSignals, PlacementQuestion } from '../model/policy/gameSignal.ts'
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

/** Adds the game's signals to policies. The same policy gets the same result each time, because others remember values per policy. */
export class SignalledPolicies {
  readonly #signals: GameSignals
  readonly #known = new WeakMap<MapPolicy, MapPolicy>()

  constructor(signals: GameSignals) {
    this.#signals = signals
  }

  withSignals(policies: Policies): Policies {
    if (Object.keys(this.#signals).length === 0) return policies
    return new Map(Array.from(policies, ([map, policy]) => [map, this.#of(policy)]))
  }

  #of(policy: MapPolicy): MapPolicy {
    let changed = this.#known.get(policy)
    if (changed === undefined) {
      changed = { ...policy, placement: { ...policy.placement, gameSignals: this.#signals } }
      this.#known.set(policy, changed)
    }
    return changed
  }
}

/** Signals that a policy weighs but the game's code lacks. */
export function missingSignals({ placement: { gameWeights } }: MapPolicy, signals: GameSignals): string[] {
  return Object.entries(gameWeights).flatMap(([name, weight]) => (weight > 0 && signals[name] === undefined ? [name] : []))
}
