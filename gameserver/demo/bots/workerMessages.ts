import type { StatsData } from './botStats.ts'
import type { Schedule } from './schedule.ts'

/** Messages between the bot pool and its worker processes. */
export interface WorkerTask {
  schedules: readonly Schedule[]
  matchmaker: string
  seed: number
  /** Names of the characters to which the bots send mail; without any they do not trade. */
  partners: readonly string[]
  /** File for the events of each bot. */
  eventLogFile?: string
}
export type ToWorker = WorkerTask | 'stop'
export type FromWorker = { ready: true } | { online: number } | { stats: StatsData }

/** Interval in ms between two progress reports. */
export const PROGRESS_MS = 1_000
