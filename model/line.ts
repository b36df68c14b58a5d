import type { DurationMs, Instant } from './clock.ts'
import { defined } from './defined.ts'
import type { CharacterId, CopyId, InstanceKey, MapName, Region } from './ids.ts'
import type { InstanceOwner } from './policy/instanceKey.ts'
import type { SeatHolder } from './seat.ts'

/** One place in line: a character, or a party that waits together. */
export interface LineEntry {
  /** Id of the line ticket. */
  id: string
  map: MapName
  /** Index into the policy's classes, 0 first. */
  rank: number
  arrived: Instant
  holders: SeatHolder[]
  /** The place is removed from the line when it is not renewed before this instant (rule Q2). */
  keepUntil: Instant
  /** Protocol version of their client. Absent: 1. */
  protocol?: number
  /** They wait for a seat in this copy only: one that they chose, or with `asCompany` the copy of the character in `beside`. */
  copy?: CopyId
  asCompany?: boolean
  /** With `asCompany`: the character whom they join. When that character moves to another copy of the map, the place is for that copy. */
  beside?: CharacterId
  /** As in `PlacementRequest`. The orchestrator opens the instance with this key. */
  instanceKey?: InstanceKey
  /** As in `PlacementRequest`. */
  latencyMs?: Readonly<Record<Region, number>>
  region?: Region
  /** How much later than its arrival a place counts, per priority class after the first. Absent: a lower class is served only when no higher class waits. */
  ageingMs?: DurationMs
  /** While this place waits, players on the map who were idle for this long lose their seats. Copied from the policy, because servers do not read policies. */
  idleReleaseMs?: DurationMs
  /** They are in the world while they wait, and are moved when their turn comes. */
  travel?: boolean
}

/**
 * Time in which an emptied directory rebuilds the line: waiting clients show their line tickets again (rules D1, Q1). Until it has passed, nobody is
 * promoted from the incomplete line and nobody enters past it.
 */
export const LINE_REBUILD_MS: DurationMs = 5_000

/** Offset per priority class, in ms, larger than any instant: 2^42 ms after 1970 is the year 2109. It leaves room for 2,048 classes below 2^53. */
const RANK_STEP = 2 ** 42

/**
 * Sort key of a place in line: the smallest is served first, ties are ordered by id (rule Q1). Within a class the order is that of arrival, while the
 * policy's ageing does not change.
 */
export function lineOrder({ rank, arrived, ageingMs }: Pick<LineEntry, 'rank' | 'arrived' | 'ageingMs'>): number {
  return arrived + rank * (ageingMs ?? RANK_STEP)
}

/** Whose instance this place waits for, on maps of kind `instance`. */
export function ownerOf({ instanceKey, holders }: LineEntry): InstanceOwner {
  return instanceKey === undefined ? defined({ party: holders[0]?.party }) : { instanceKey }
}

/** What a waiting client sees. `waitMs` is `unknown` until enough promotions were observed. */
export interface LinePosition {
  position: number
  length: number
  waitMs: { p50: number; p90: number } | 'unknown'
}
