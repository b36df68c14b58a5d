import type { Census } from '../../model/census.ts'
import type { Instant } from '../../model/clock.ts'
import type { CloseReason } from '../../model/copy.ts'
import type { CharacterId, CopyId, FleetName, MapName, PartyId, ServerId } from '../../model/ids.ts'
import type { Policies } from '../../model/policy/policy.ts'
import type { Mates } from './forecast/companyShare.ts'
import type { DayShape } from './forecast/dayShape.ts'
import type { ExpectedCrowd } from './forecast/declaredEvents.ts'
import type { Sample } from './forecast/forecast.ts'
import type { Visits } from './forecast/visits.ts'

/** What the plan wants changed. `why` is one sentence for the stored decision. Applying an action twice changes nothing (rule C5). */
export type Action =
  /** With a party: an instance of its own. */
  | { type: 'open'; map: MapName; party?: PartyId; why: string }
  | { type: 'close'; map: MapName; copy: CopyId; reason: CloseReason; successors: CopyId[]; deadline: Instant; why: string }
  | { type: 'retarget'; map: MapName; copy: CopyId; successors: CopyId[]; why: string }
  | { type: 'reopen'; map: MapName; copy: CopyId; why: string }
  /** One party, or one person: seats are held at `to` for all of them, then their server gets the order. */
  | {
      type: 'move'
      map: MapName
      from: CopyId
      to: CopyId
      party?: PartyId
      characters: CharacterId[]
      cause: 'merge' | 'drain'
      deadline: Instant
      why: string
    }
  | { type: 'lose'; map: MapName; copy: CopyId; why: string }
  | { type: 'scale'; fleet: FleetName; servers: number; why: string }

/** A fleet as the planner needs it. */
export interface FleetCensus {
  ready: number
  allocated: number
  starting: number
  /** Copies that one server hosts at most. */
  roomsPerServer: number
}

export interface PlanInput {
  census: Census
  policies: Policies
  fleets: ReadonlyMap<FleetName, FleetCensus>
  /** Servers to be emptied: marked by a fleet update, draining by their own word, or by an operator. */
  draining: ReadonlySet<ServerId>
  /** Moves ordered and not yet settled. */
  moving: ReadonlySet<CharacterId>
  /** On maps of kind `instance`: parties that wait in line, first come first. */
  waitingParties?: ReadonlyMap<MapName, readonly PartyId[]>
  memory: PlanMemory
  now: Instant
}

/**
 * What the planner learned from earlier rounds. Soft: a new leader starts with what was stored of it (`dayShapes`, `lastMoved`), and plans a little
 * more carefully until the rest has filled.
 */
export interface PlanMemory {
  /** Population per map, oldest first, one sample a lead time. */
  populations: ReadonlyMap<MapName, readonly Sample[]>
  /** How full each map usually is at which time of day. */
  dayShapes?: ReadonlyMap<MapName, DayShape>
  /** How often each map is visited. */
  visits?: ReadonlyMap<MapName, Visits>
  /** Crowds that declared events bring, per map. */
  crowds?: ReadonlyMap<MapName, readonly ExpectedCrowd[]>
  /** How many guild-mates people have around them, per map. */
  mates?: ReadonlyMap<MapName, Mates>
  /** The map that comes first in the next round, because this one had weighed enough copies before it. */
  mergesFirst?: MapName
  /** What may be spent on bringing torn guilds together, and when each map was last looked over for it. */
  reunions?: Reunions
  /** By how many players the forecasts of the last hour were wrong, one lead time ahead: for a metric. */
  forecastErrors?: ReadonlyMap<MapName, number>
  /** When each character was last moved against their will (rule M4); older than `perPlayerEvery` is forgotten. */
  lastMoved: ReadonlyMap<CharacterId, Instant>
  /** Moves started on each map within the last minute. */
  recentMoves: ReadonlyMap<MapName, readonly Instant[]>
  /** Since when each fleet has had more servers than are wanted: it shrinks slowly. */
  surplusSince?: ReadonlyMap<FleetName, Instant>
  /** Since when nobody has been in each instance. */
  emptySince?: ReadonlyMap<CopyId, Instant>
}

/** The budget for bringing torn guilds together. */
export interface Reunions {
  /** Moves that may be spent now: it grows with the hours played, as the policies say. */
  credit: number
  at: Instant
  /** When each map was last looked over. */
  looked: ReadonlyMap<MapName, Instant>
}

export const emptyMemory: PlanMemory = { populations: new Map(), lastMoved: new Map(), recentMoves: new Map() }

export interface Plan {
  actions: Action[]
  memory: PlanMemory
}
