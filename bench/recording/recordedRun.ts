import { createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { pino } from 'pino'
import { startBots } from '../../local/bots.ts'
import type { StartOptions } from '../../local/options.ts'
import { startWorld } from '../../local/world.ts'
import type { Instant } from '../../model/clock.ts'
import { recordingAnswer } from '../../model/wire/recording.ts'
import { figureCounters } from '../../orchestrator/figures/figureMetrics.ts'
import { type DaySums, noSums } from '../../score/day/daySums.ts'
import { between } from '../../test/recording/compare.ts'
import { say } from '../world/localWorld.ts'
import { CopyWatch } from './copyWatch.ts'

/** Longest time from the last reading until the recording of it is stored, in seconds: chunks are a minute long. */
const EXPORT_SECONDS = 75

export interface RunOptions extends Pick<StartOptions, 'bots' | 'trace' | 'speed' | 'scale' | 'policies'> {
  /** Folder for the state of the world and the recording. */
  folder: string
  /** From the first bot in the world to the first reading, in seconds. */
  warmUpSeconds: number
  seconds: number
}

export interface RecordedRun {
  /** The figures of the measured time, from the orchestrator's metrics. */
  live: DaySums
  /** The exported recording. */
  file: string
  /** The first reading. */
  began: Instant
  movesByCause: Record<string, number>
  bootSeconds: number
  shortOfCpuShare: number
}

/** Plays what `npm start` plays, reads the orchestrator's figures at both ends of the measured time, and exports the recording of everything before its end. */
export async function recordedRun({ folder, warmUpSeconds, seconds, ...more }: RunOptions): Promise<RecordedRun> {
  await using stack = new AsyncDisposableStack()
  await mkdir(join(folder, 'log'), { recursive: true })
  const options = {
    seed: 1,
    fresh: true,
    view: false,
    state: folder,
    matchmakerPort: 0,
    orchestratorPort: 0,
    acquainted: true,
    ...more,
    policies: resolve(more.policies),
  }
  const world = stack.use(await startWorld(options, say, pino({ level: 'silent' }), new AbortController().signal))
  const watch = stack.use(new CopyWatch(world.replica))
  // With a length, only bots that play within it make their characters. The waves of the crowd have their own length.
  const length = more.trace === undefined ? {} : { seconds: warmUpSeconds + seconds + EXPORT_SECONDS }
  const playing = startBots({ ...options, ...length }, world)
  stack.defer(() => playing.stop())
  while (playing.progress().online === 0) await sleep(100)
  await sleep(warmUpSeconds * 1_000)
  watch.reset()
  const before = await readingOf(world.orchestratorUrl)
  say(`measuring for ${seconds} s`)
  await sleep(seconds * 1_000)
  const after = await readingOf(world.orchestratorUrl)
  const { bootSeconds, shortOfCpuShare } = watch
  say('waiting for the recording')
  const headers = { authorization: `Bearer ${world.operatorToken}`, 'content-type': 'application/json' }
  const spans = async () => recordingAnswer.parse(await (await fetch(`${world.orchestratorUrl}/v1/recording`, { headers })).json()).spans
  while (((await spans()).at(-1)?.until ?? 0) < after.at) await sleep(1_000)
  const file = join(folder, 'recording.csv')
  const body = JSON.stringify({ from: 0, until: after.at, reason: 'bench' })
  await write(await fetch(`${world.orchestratorUrl}/v1/recording/export`, { method: 'POST', headers, body }), file)
  const movesByCause = Object.fromEntries([...after.moves].map(([cause, moves]) => [cause, moves - (before.moves.get(cause) ?? 0)]))
  return { live: between(before.sums, after.sums), file, began: before.at, movesByCause, bootSeconds, shortOfCpuShare }
}

interface Reading {
  at: Instant
  sums: DaySums
  /** Settled moves of each cause. */
  moves: ReadonlyMap<string, number>
}

async function readingOf(orchestrator: string): Promise<Reading> {
  const [at, text] = [Date.now(), await (await fetch(`${orchestrator}/metrics`)).text()]
  const counted = (series: string): number => Number(new RegExp(`^${series}(?:\\{[^}]*\\})? (\\S+)$`, 'm').exec(text)?.[1] ?? Number.NaN)
  const moves = text.matchAll(/^strata_moves_settled_total\{state="done",cause="(\w+)"[^}]*\} (\S+)$/gm)
  // The counters have no plain seconds. Differences of two readings are those of the clock.
  const sums = { ...noSums(), ...Object.fromEntries(figureCounters.map(({ name, of }) => [of, counted(name)])), seconds: at / 1_000 }
  return { at, sums, moves: new Map([...moves].map(([, cause = '', count]) => [cause, Number(count)])) }
}

async function write(answer: Response, file: string): Promise<void> {
  if (!answer.ok || answer.body === null) throw new Error(`the export was refused: ${await answer.text()}`)
  await pipeline(answer.body, createWriteStream(file))
}
