import type { DurationMs, Instant } from './clock.ts'
import type { CharacterId, CopyId, MapName, Region } from './ids.ts'
import type { SeatHolder } from './seat.ts'

/** One place in line: a person, or a party that waits as one. */
export interface LineEntry {
  /** Id of the line ticket. */
  id: string
  map: MapName
  /** Index into the policy's classes, 0 first. */
  rank: number
  arrived: Instant
  holders: SeatHolder[]
  /** Dropped from the line when not renewed by then (rule Q2). */
  keepUntil: Instant
  /** What their client speaks; 1 when absent. */
  protocol?: number
  /** They wait for a seat in this copy only: chosen by hand, or with `asCompany` beside somebody who is inside. */
  copy?: CopyId
  asCompany?: boolean
  /** With `asCompany`: whom they come to. When that person goes to another copy of the map, the place is for that one. */
  beside?: CharacterId
  /** As in `PlacementRequest`. */
  latencyMs?: Readonly<Record<Region, number>>
  region?: Region
  /** By how much each class stands behind the one before, as if it had come later. Absent: behind all of it, however long they wait. */
  ageingMs?: DurationMs
  /** While they wait, whoever has stood idle on the map for so long makes room: the policy's word, for servers, which do not read policies. */
  idleReleaseMs?: DurationMs
  /** They play on in the world meanwhile, and are moved when their turn comes. */
  travel?: boolean
}

/**
 * A directory that was emptied has the line back within this time: those who wait have shown their tickets again (rules D1, Q1). Until then nobody is let
 * in out of turn, neither from what is there of the line nor past it.
 */
export const LINE_REBUILD_MS: DurationMs = 5_000

/** Above any instant: 2^42 ms reach to the year 2109, and leave room for 2,048 classes below 2^53. */
const RANK_STEP = 2 ** 42

/** The smaller, the sooner; ties go by id (rule Q1). Within a class the order is that of arrival, as long as the policy's ageing stays the same. */
export function lineOrder({ rank, arrived, ageingMs }: Pick<LineEntry, 'rank' | 'arrived' | 'ageingMs'>): number {
  return arrived + rank * (ageingMs ?? RANK_STEP)
}

/** What somebody in line is told. `waitMs` is `unknown` until enough seats were seen to come free. */
export interface LinePosition {
  position: number
  length: number
  waitMs: { p50: number; p90: number } | 'unknown'
}
