import type { Census } from '../../model/census.ts'
import type { Instant } from '../../model/clock.ts'
import type { CloseReason } from '../../model/copy.ts'
import type { FairnessChanges } from '../../model/fairness.ts'
import type { CharacterId, CopyId, FleetName, MapName, PartyId, ServerId } from '../../model/ids.ts'
import type { HoldsInForce } from '../../model/placement/hold.ts'
import type { InstanceOwner } from '../../model/policy/instanceKey.ts'
import type { Policies } from '../../model/policy/policy.ts'
import type { Constants } from '../../score/constants.ts'
import type { People } from '../../score/people.ts'
import type { Spending } from './budget/spending.ts'
import type { Mates } from './forecast/companyShare.ts'
import type { DayShape } from './forecast/dayShape.ts'
import type { ExpectedCrowd, LastCrowds } from './forecast/declaredEvents.ts'
import type { Sample } from './forecast/forecast.ts'
import type { Visits } from './forecast/visits.ts'

/** One change that the plan asks for. `why` is one sentence for the stored decision. Applying an action twice changes nothing the second time (rule C5). */
export type Action =
  /**
   * `party` or `instanceKey`: whose the new copy is, on maps of kind `instance`. `fleets`: where it may open, the first choice first; absent: in all fleets of the
   * policy.
   */
  | ({ type: 'open'; map: MapName; why: string; fleets?: readonly FleetName[] } & InstanceOwner)
  | { type: 'close'; map: MapName; copy: CopyId; reason: CloseReason; successors: CopyId[]; deadline: Instant; why: string }
  | { type: 'retarget'; map: MapName; copy: CopyId; successors: CopyId[]; why: string }
  | { type: 'reopen'; map: MapName; copy: CopyId; why: string }
  /** The policy of fair play has changed. Absent: the defaults. */
  | { type: 'rules'; map: MapName; copy: CopyId; fairness?: FairnessChanges; why: string }
  /** Moves one party, or one player without a party: seats are held at `to` for all of them, then their server gets the order. */
  | {
      type: 'move'
      map: MapName
      from: CopyId
      to: CopyId
      party?: PartyId
      characters: CharacterId[]
      /** Members of the party may stay behind: the copy has to end, and no copy has room for the whole party. */
      apart?: true
      cause: 'merge' | 'drain' | 'reunite' | 'relief' | 'operator'
      deadline: Instant
      why: string
    }
  | { type: 'lose'; map: MapName; copy: CopyId; why: string }
  | { type: 'scale'; fleet: FleetName; servers: number; why: string }

/** Servers of one fleet, counted by state. */
export interface FleetCensus {
  ready: number
  allocated: number
  starting: number
  /** Servers that the fleet lists and that report no more, as after the loss of their node. The fleet counts them among its replicas until it notices. */
  lost: number
  /** Most copies that one server hosts. */
  roomsPerServer: number
}

export interface PlanInput {
  census: Census
  policies: Policies
  fleets: ReadonlyMap<FleetName, FleetCensus>
  /** Servers to empty: marked by a fleet update or an operator, or reported as draining by themselves. */
  draining: ReadonlySet<ServerId>
  /** Characters with a move that is ordered and not settled. */
  moving: ReadonlySet<CharacterId>
  /** Parties, or keys of the game, that wait in line for their instance, in the order of the line, per map of kind `instance`. */
  waitingOwners?: ReadonlyMap<MapName, readonly InstanceOwner[]>
  /** Friends, blocks and acquaintances of the characters that may be moved in this round (`movers`). A missing character is moved by what its seat says. */
  people?: ReadonlyMap<CharacterId, People>
  /** Maps without merges and copies that stay, by order of operators. */
  holds?: HoldsInForce
  memory: PlanMemory
  now: Instant
  /** Others than the shipped ones, in a simulation. */
  constants?: Constants
}

/** What the planner keeps of one map between rounds. */
export interface MapMemory {
  /** Population, oldest sample first, one sample per lead time. */
  readonly populations: readonly Sample[]
  /** Usual population by time of day. */
  readonly dayShape: DayShape | undefined
  /** How often players come to the map. */
  readonly visits: Visits | undefined
  /** Declared events that copies are kept ready for. */
  readonly crowds: readonly ExpectedCrowd[]
  /** How many players came to the declared events before, by name. */
  readonly lastCrowds: LastCrowds
  /** How many guild-mates a player has on the map. */
  readonly mates: Mates | undefined
  /** Recent error of the forecasts one lead time ahead, in players (`Forecast.error`); for a metric. */
  readonly forecastError: number | undefined
  /** Times of the moves that were ordered within the last minute. */
  readonly recentMoves: readonly Instant[]
  /** When the map was last searched for guilds to reunite. */
  readonly reunionsSearched: Instant | undefined
}

/**
 * What the planner keeps between rounds. It is soft state: a new leader starts with the stored parts (`dayShape`, `lastMoved`) and plans more
 * carefully until the rest has filled.
 */
export interface PlanMemory {
  maps: ReadonlyMap<MapName, MapMemory>
  /** Map to plan first in the next round, because this round reached its limit of merge work before it. */
  mergesFirst?: MapName
  reunions?: ReunionCredit
  spending?: Spending
  /** When each character was last moved against their will (rule M4), oldest first; entries older than `perPlayerEvery` are dropped. */
  lastMoved: ReadonlyMap<CharacterId, Instant>
  /** Since when each fleet has had more servers than wanted. */
  surplusSince?: ReadonlyMap<FleetName, Instant>
  /** Since when each fleet has had no free server, although it was asked for more. */
  shortSince?: ReadonlyMap<FleetName, Instant>
  /** Since when each instance has been empty. */
  emptySince?: ReadonlyMap<CopyId, Instant>
}

/** The budget of moves that reunite guilds. */
export interface ReunionCredit {
  /** Moves that may be ordered now. It grows with the player hours, as the policies allow. */
  credit: number
  /** When `credit` was computed. */
  at: Instant
}

export const emptyMapMemory: MapMemory = {
  populations: [],
  dayShape: undefined,
  visits: undefined,
  crowds: [],
  lastCrowds: new Map(),
  mates: undefined,
  forecastError: undefined,
  recentMoves: [],
  reunionsSearched: undefined,
}

export const emptyMemory: PlanMemory = { maps: new Map(), lastMoved: new Map() }

export interface Plan {
  actions: Action[]
  memory: PlanMemory
}
