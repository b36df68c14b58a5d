import { writeSync } from 'node:fs'
import { workerData } from 'node:worker_threads'
import type { DurationMs } from '../../model/clock.ts'
import { readName, WORD, wordsOf } from './sharedState.ts'

export interface WatchOptions {
  /** Time in ms without a sign of life after which the process is ended. */
  endAfterMs: DurationMs
}

/** Interval in ms between two looks. */
const LOOK_MS: DurationMs = 250
/** A hang is logged for the first time after this time in ms, and again after each further one. Collections of garbage take less. */
const LOG_EVERY_MS: DurationMs = 2_000
/** Levels of pino. */
const LEVEL = { error: 50, fatal: 60 }
const STDOUT = 1

const { buffer, options } = workerData as { buffer: SharedArrayBuffer; options: WatchOptions } // what `Watchdog` passes
const words = wordsOf(buffer)
let beats = Atomics.load(words, WORD.beats)
// Counted in looks and not by the clock: after a pause of the whole process or machine both threads go on where they were, and nothing hangs.
let looks = 0
let logged = 0

setInterval(() => {
  const now = Atomics.load(words, WORD.beats)
  looks = now === beats ? looks + 1 : 0
  if (now !== beats) logged = 0
  beats = now
  const silentMs = looks * LOOK_MS
  if (silentMs >= options.endAfterMs) {
    log(LEVEL.fatal, silentMs, 'the event loop hangs in this hook of this copy; ending the process, so that its players can go on elsewhere')
    process.kill(process.pid, 'SIGKILL')
  } else if (silentMs >= (logged + 1) * LOG_EVERY_MS) {
    logged++
    log(LEVEL.error, silentMs, 'the event loop hangs in this hook of this copy')
  }
}, LOOK_MS)

/** Writes without the main thread, which passes on what its workers print. */
function log(level: number, silentMs: DurationMs, msg: string): void {
  const [copy, hook] = [readName(buffer, Atomics.load(words, WORD.copy)), readName(buffer, Atomics.load(words, WORD.hook))]
  const line = { level, time: new Date().toISOString(), pid: process.pid, name: 'gameserver', copy: copy ?? 'none', hook: hook ?? 'none', silentMs, msg }
  writeSync(STDOUT, `${JSON.stringify(line)}\n`)
}
