import { cpus } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { FLAG } from '../../flags.ts'
import { RawPool, type RawReport } from './rawPool.ts'

/** Most raw players of one run: more need more ports and memory than one machine has. */
export const RAW_BOTS_MAX = 20_000
/** Raw players of one process, above which it handles its messages late. */
const PLAYERS_PER_PROCESS = 1_000
/** Length of a run in seconds when none is given. */
const SECONDS = 60
/** Players in this number of whom one decodes its snapshots and measures ages. */
const DECODES_ONE_IN = 10
/** Longest time in which all players enter, in ms. */
const ENTER_TIMEOUT_MS = 300_000

export interface RawBotOptions {
  matchmaker: string
  map: string
  bots: number
  seconds?: number
  inputRate: number
  seed: number
}

/** Lets raw players enter one map, walk for some time, and leave. Resolves with what they received while all were in the world; undefined when `stopping` came first. */
export async function runRawBots(
  { matchmaker, map, bots, seconds = SECONDS, inputRate, seed }: RawBotOptions,
  stopping: AbortSignal,
): Promise<RawReport | undefined> {
  if (bots > RAW_BOTS_MAX) throw new Error(`--bots must not be above ${RAW_BOTS_MAX} with --raw`)
  using pool = await RawPool.start(Math.min(Math.max(1, cpus().length), Math.ceil(bots / PLAYERS_PER_PROCESS)))
  const stopped = new Promise<'stopped'>((resolve) => stopping.addEventListener('abort', () => resolve('stopped')))
  const late = pause(ENTER_TIMEOUT_MS, undefined, { ref: false }).then(() => {
    throw new Error(`the players did not enter within ${ENTER_TIMEOUT_MS / 1000} s`)
  })
  late.catch(() => undefined) // it ends after the players have entered, too
  const names = Array.from({ length: bots }, (_, index) => `Raw ${seed} ${index + 1}`)
  const play = { inputRate, decodeShare: 1 / DECODES_ONE_IN, movingFlag: FLAG.walking, seed }
  if ((await Promise.race([pool.signIn(names, { matchmaker, map, play }), stopped, late])) === 'stopped') return undefined
  await pool.begin()
  await Promise.race([pause(seconds * 1_000, undefined, { ref: false }), stopped])
  return await pool.collect()
}
