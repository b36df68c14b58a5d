import type { CryptoKey } from 'jose'
import type { Directory } from '../../directory/directory.ts'
import type { Census, CopyCensus } from '../../model/census.ts'
import type { Clock, Instant } from '../../model/clock.ts'
import { defined } from '../../model/defined.ts'
import type { CharacterId, CopyId, MapName, ServerId } from '../../model/ids.ts'
import type { Decision } from '../../model/placement/decision.ts'
import type { HoldsInForce } from '../../model/placement/hold.ts'
import type { InstanceOwner } from '../../model/policy/instanceKey.ts'
import type { Policies } from '../../model/policy/policy.ts'
import type { Logger } from '../../service/log.ts'
import type { Store } from '../../store/store.ts'
import type { Fleets, GameServer } from '../cluster/fleets.ts'
import type { Plan, PlanInput } from '../plan/action.ts'
import type { ReadProfiles } from './observe/moversPeople.ts'
import type { OwnWrites } from './observe/ownWrites.ts'

/** Dependencies of the reconciler. Clock, ids and keys are passed in, so that tests and the fault simulation control them. */
export interface ReconcilerParts {
  directory: Directory
  fleets: Fleets
  census: () => Census
  policies: () => Policies
  /** Orders of operators that last. Absent: none. */
  holds?: () => HoldsInForce
  decisions: { add(decision: Decision): void }
  /** Signs the tickets of moves. */
  ticketKey: CryptoKey
  /** Public keys of the servers that hold the characters, for the tickets of moves. */
  holderKeys: Store['holderKeys']
  clock: Clock
  newId: () => string
  plan: (input: PlanInput) => Plan
  /** Reads the friends of players that may be moved. Absent: they are moved by what their seats say. */
  profiles?: ReadProfiles
  log: Logger
  observer: RoundObserver
}

/** Receives the figures of each round, for metrics. */
export interface RoundObserver {
  /** A round has ended. */
  round?(seconds: number, result: 'done' | 'failed'): void
  /** The servers that a round found. */
  servers?(servers: readonly GameServer[]): void
  planned(seconds: number, actions: number): void
  /** Recent error of the forecasts one lead time ahead, in players, per map. */
  forecast?(errors: ReadonlyMap<MapName, number>): void
  /** What is left of each budget of the policies, in hours of its usual allowance, and its price as a factor of the ordinary one. */
  budgets?(accounts: ReadonlyMap<string, { savedHours: number; price: number }>): void
  applied(action: string): void
  failed(action: string): void
  moveOrdered(members: number): void
}

/** State shared by all actions of one round: one reading of the world, and the changes that the round has made to it so far. */
export interface Round {
  parts: ReconcilerParts
  now: Instant
  signal: AbortSignal
  census: Census
  policies: Policies
  servers: readonly GameServer[]
  /** Servers that are in the directory but do not exist any more. The round's census does not contain them. */
  gone: readonly ServerId[]
  /** Servers that their fleet calls Ready or Allocated, and that have not reported for `SERVER_LOST_AFTER_MS`. They get no copies and are not given back. */
  silent: ReadonlySet<ServerId>
  draining: ReadonlySet<ServerId>
  own: OwnWrites
  /** Copies by id, updated by the actions of the round. */
  copies: Map<CopyId, CopyCensus>
  /** Characters with an order that is not settled, orders of this round included. */
  moving: Set<CharacterId>
  waitingOwners: ReadonlyMap<MapName, readonly InstanceOwner[]>
  /** Until when a server gets no copy of a map, because it failed to open one. Key: `map server`. */
  avoid: Map<string, Instant>
}

/** Deadline of each call to the fleets, in ms. */
export const CALL_DEADLINE_MS = 5_000

export function callSignal({ signal }: Pick<Round, 'signal'>): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(CALL_DEADLINE_MS)])
}

/** The parts of a round that a change of one copy needs. A call of an operator provides the same. */
export interface CopyChange extends Pick<Round, 'now' | 'policies' | 'own' | 'copies'> {
  parts: Pick<ReconcilerParts, 'directory' | 'decisions' | 'newId'>
}

export interface DecisionContent extends Pick<Decision, 'kind' | 'map' | 'reason'> {
  copy?: CopyId
  characters?: CharacterId[]
  inputs?: Record<string, unknown>
}

/** Stores a decision with its reason and the policy version (rule P2). */
export function recordDecision({ parts, now, policies }: Pick<CopyChange, 'parts' | 'now' | 'policies'>, content: DecisionContent): void {
  const { kind, map, reason, copy, characters = [], inputs = {} } = content
  const policyVersion = policies.get(map)?.version ?? 'none'
  parts.decisions.add({ id: parts.newId(), at: now, kind, map, ...defined({ copy }), characters, reason, policyVersion, candidates: [], inputs })
}
