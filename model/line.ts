import type { Instant } from './clock.ts'
import type { CopyId, MapName } from './ids.ts'
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
  /** They play on in the world meanwhile, and are moved when their turn comes. */
  travel?: boolean
}

/** What somebody in line is told. `waitMs` is `unknown` until enough seats were seen to come free. */
export interface LinePosition {
  position: number
  length: number
  waitMs: { p50: number; p90: number } | 'unknown'
}
