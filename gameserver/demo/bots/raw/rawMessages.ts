import type { MapName } from '../../../../model/ids.ts'
import type { RawSeat } from './rawPlayer.ts'

/** How the players of one process play. */
export interface RawPlay {
  /** Inputs a second of each player. */
  inputRate: number
  /** Share of the players that decode what they receive and measure its age. */
  decodeShare: number
  /** Bit of an entity's flags that says that it moves. */
  movingFlag: number
  seed: number
}

/** Orders to a process of raw players; each is answered once. */
export type RawOrder =
  /** Players enter with these seats. `live`: whether the room says when they are live, as Strata's rooms do. */
  | { order: 'enter'; seats: readonly RawSeat[]; play: RawPlay; live: boolean }
  /** Players sign in by the development login and enter the map through the matchmaker. */
  | { order: 'signIn'; names: readonly string[]; matchmaker: string; map: MapName; play: RawPlay }
  /** All counts begin at zero. */
  | { order: 'begin' }
  | { order: 'collect' }
  /** Of the first `count` players, every second one reads for a moment every few seconds. The others stop reading, and every second one of those sends pongs. */
  | { order: 'readSlowly'; count: number }

export type RawAnswer = { answer: 'ready' } | { answer: 'done' } | { answer: 'failed'; error: string } | { answer: 'collected'; data: RawData }

/** What the players of one process received since `begin`. Durations are counts by whole milliseconds. */
export interface RawData {
  online: number
  /** Players that were disconnected since they entered. */
  lost: number
  /** Players that could not enter, by the reason. */
  refused: Record<string, number>
  seconds: number
  bytes: number
  frames: number
  snapshots: number
  inputs: number
  gaps: Uint32Array
  inputDelays: Uint32Array
  ages: Uint32Array
  nearAges: Uint32Array
  /** Sum and number of samples of how many entities a player had in sight. */
  inSight: { sum: number; samples: number }
  /** How late this process ran its timers, which adds to all durations. */
  lateness: Uint32Array
}
