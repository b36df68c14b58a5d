import type { CryptoKey } from 'jose'
import type { Directory } from '../../directory/directory.ts'
import type { Census, CopyCensus } from '../../model/census.ts'
import type { Clock, Instant } from '../../model/clock.ts'
import type { CharacterId, CopyId, MapName, PartyId, ServerId } from '../../model/ids.ts'
import type { Decision, DecisionKind } from '../../model/placement/decision.ts'
import type { Policies } from '../../model/policy/policy.ts'
import type { Logger } from '../../service/log.ts'
import type { Fleets, GameServer } from '../cluster/fleets.ts'
import type { Plan, PlanInput } from '../plan/action.ts'
import type { OwnWrites } from './observe/ownWrites.ts'

/** What the reconciler is given once: where it reads and writes. Clock, ids and keys come from outside. */
export interface ReconcilerParts {
  directory: Directory
  fleets: Fleets
  census: () => Census
  policies: () => Policies
  decisions: { add(decision: Decision): void }
  /** Signs tickets of moves. */
  ticketKey: CryptoKey
  clock: Clock
  newId: () => string
  plan: (input: PlanInput) => Plan
  log: Logger
  observer: RoundObserver
}

/** Told what happens, for metrics. */
export interface RoundObserver {
  planned(seconds: number, actions: number): void
  /** By how many players the forecasts of the last samples were wrong, one lead time ahead, per map. */
  forecast?(errors: ReadonlyMap<MapName, number>): void
  applied(action: string): void
  failed(action: string): void
  moveOrdered(members: number): void
}

/** What all actions of one round share: one look at the world, and what the round itself has changed of it so far. */
export interface Round {
  parts: ReconcilerParts
  now: Instant
  signal: AbortSignal
  census: Census
  policies: Policies
  servers: readonly GameServer[]
  /** Servers that still stand in the directory, and exist no more. The census of the round has them no more either. */
  gone: readonly ServerId[]
  draining: ReadonlySet<ServerId>
  own: OwnWrites
  /** Copies by id, kept up to date while the round goes on. */
  copies: Map<CopyId, CopyCensus>
  /** Characters with an order that is not settled; orders of this round are added. */
  moving: Set<CharacterId>
  waitingParties: ReadonlyMap<MapName, readonly PartyId[]>
  /** Servers that lately did not open a copy of a map: `map server`. */
  avoid: Map<string, Instant>
}

/** No call of a round to the fleet waits longer than this. */
export const CALL_DEADLINE_MS = 5_000

export function callSignal({ signal }: Pick<Round, 'signal'>): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(CALL_DEADLINE_MS)])
}

/** What a change of one copy needs of a round; an operator's call brings the same. */
export interface CopyChange extends Pick<Round, 'now' | 'policies' | 'own' | 'copies'> {
  parts: Pick<ReconcilerParts, 'directory' | 'decisions' | 'newId'>
}

/** Stores why something was done (rule P2). */
export function decide(
  { parts, now, policies }: Pick<CopyChange, 'parts' | 'now' | 'policies'>,
  kind: DecisionKind,
  map: MapName,
  reason: string,
  more: { copy?: CopyId; characters?: CharacterId[]; inputs?: Record<string, unknown> } = {},
): void {
  const { copy, characters = [], inputs = {} } = more
  const policyVersion = policies.get(map)?.version ?? 'none'
  parts.decisions.add({
    id: parts.newId(),
    at: now,
    kind,
    map,
    ...(copy === undefined ? {} : { copy }),
    characters,
    reason,
    policyVersion,
    candidates: [],
    inputs,
  })
}
