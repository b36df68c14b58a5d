import type { Instant } from './clock.ts'
import type { MapName } from './ids.ts'
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
}

/** What somebody in line is told. `waitMs` is `unknown` until enough seats were seen to come free. */
export interface LinePosition {
  position: number
  length: number
  waitMs: { p50: number; p90: number } | 'unknown'
}
