import type { GuildMessage } from './account/guildDesk.ts'
import type { OpenIdOptions } from './account/openIdSession.ts'
import type { StatsData } from './botStats.ts'
import type { Schedule } from './schedule.ts'

/** Messages between the bot pool and its worker processes. */
export interface WorkerTask {
  schedules: readonly Schedule[]
  /** The bots spread over them. */
  matchmakers: readonly string[]
  /** The identity provider at which they sign in; without one by the development login. */
  openId?: OpenIdOptions
  seed: number
  /** Names of the characters to which the bots send mail; without any they do not trade. */
  partners: readonly string[]
  /** The bots make their characters, guilds and friendships before the run, and begin when the pool says so. */
  acquainted: boolean
  /** File for the events of each bot. */
  eventLogFile?: string
}
export type ToWorker = { task: WorkerTask } | { guild: GuildMessage } | 'begin' | 'stop'
export type FromWorker = { ready: true } | { acquainted: true } | { online: number } | { guild: GuildMessage } | { stats: StatsData }

/** Interval in ms between two progress reports. */
export const PROGRESS_MS = 1_000
