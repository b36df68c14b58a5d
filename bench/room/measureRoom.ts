import { setTimeout as pause } from 'node:timers/promises'
import type { RawPlay } from '../../gameserver/demo/bots/raw/rawMessages.ts'
import type { RawSeat } from '../../gameserver/demo/bots/raw/rawPlayer.ts'
import { RawPool, type RawReport } from '../../gameserver/demo/bots/raw/rawPool.ts'
import { coresUsed, readCpuTimes } from '../chat/cpuTimes.ts'
import { type Report, rounded } from '../report.ts'
import { say } from '../world/localWorld.ts'
import { Observer } from './observer.ts'
import type { StepReport } from './stepTimes.ts'
import { MOVING, STEPS_PER_SECOND } from './walkers.ts'

/** Time in ms from the last arrival until the measurement begins: code is compiled, and everybody walks. */
const SETTLE_MS = 5_000

export interface Room {
  name: string
  pid: number
  seats: readonly RawSeat[]
  /** Whether the room says when a player is live. */
  strata: boolean
}

/** A room's share of a core, and whether it is comparable with that of another room. */
export interface Cpu {
  cores: number
  perSnapshot: number
  /** The room made its steps and got the inputs, or it used its core up. A room that gets no CPU time uses little of it, and does little for that. */
  comparable: boolean
  /** Mean bytes of a frame from the room, without what WebSocket adds. */
  bytesPerFrame: number
}

/** Shares of what was due, from which on a room did its work, and share of a core from which on it had no time left. */
const WORKED = 0.95
const BUSY = 0.95

export interface Load {
  processes: number
  seconds: number
  inputRate: number
  /** Share of the players that decode what they receive. */
  decodeShare: number
  profile: string | undefined
}

/** Everybody enters a room and walks. While they walk, the room is measured; then `during` runs, and the players leave. */
export async function measureRoom(
  { name, pid, seats, strata }: Room,
  load: Load,
  during?: (pool: RawPool, observer: Observer) => Promise<void>,
): Promise<{ report: Report; cpu: Cpu }> {
  using pool = await RawPool.start(load.processes, load.profile)
  const [first, ...others] = seats
  if (first === undefined) throw new Error('a room without seats')
  using observer = await Observer.enter(first, strata)
  say(`${name}: ${seats.length} players enter`)
  const play: RawPlay = { inputRate: load.inputRate, decodeShare: strata ? load.decodeShare : 0, movingFlag: MOVING, seed: 1 }
  const began = performance.now()
  await pool.enter(others, play, { live: strata })
  const enterSeconds = rounded((performance.now() - began) / 1_000)
  await pause(SETTLE_MS)
  say(`${name}: measuring for ${load.seconds} s`)
  const pids = { room: pid, ...Object.fromEntries(pool.pids.map((loadPid, n) => [`load${n + 1}`, loadPid])) }
  await observer.ask('steps')
  await pool.begin()
  const before = await readCpuTimes(pids)
  await pause(load.seconds * 1_000)
  const after = await readCpuTimes(pids)
  const [received, steps] = [await pool.collect(), await observer.ask('steps')]
  const cores = coresUsed(before, after)
  await during?.(pool, observer)
  const cpu = cpuOf(cores['room'] ?? 0, received, steps, load.inputRate)
  return {
    cpu,
    report: { ...figuresOf(received, steps, cores), cpuMicrosPerSnapshot: rounded(1e6 * cpu.perSnapshot), comparable: cpu.comparable, enterSeconds },
  }
}

function cpuOf(
  cores: number,
  { online, seconds, bytesPerClientPerSecond, framesPerClientPerSecond, snapshotsPerClientPerSecond, inputsPerClientPerSecond }: RawReport,
  { steps }: StepReport,
  inputRate: number,
): Cpu {
  const worked = steps >= WORKED * seconds * STEPS_PER_SECOND && inputsPerClientPerSecond >= WORKED * inputRate
  return {
    cores,
    perSnapshot: cores / (online * snapshotsPerClientPerSecond),
    comparable: worked || cores >= BUSY,
    bytesPerFrame: Math.round(bytesPerClientPerSecond / framesPerClientPerSecond),
  }
}

function figuresOf(received: RawReport, steps: StepReport, cores: Record<string, number>): Report {
  const { refused, ...rest } = received
  return {
    cpuShareOfCore: rounded(cores['room'] ?? 0),
    tickP50Ms: steps.p50,
    tickP99Ms: steps.p99,
    tickMaxMs: steps.max,
    steps: steps.steps,
    ...rest,
    refused: Object.entries(refused)
      .map(([reason, count]) => `${count} × ${reason}`)
      .join('; '),
    coresUsed: Object.fromEntries(Object.entries(cores).map(([process, value]) => [process, rounded(value)])),
  }
}
