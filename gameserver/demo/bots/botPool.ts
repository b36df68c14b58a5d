import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { BotStats } from './botStats.ts'
import type { Schedule } from './schedule.ts'
import type { FromWorker, ToWorker, WorkerTask } from './workerMessages.ts'

/** Bots per worker process. With more, the process handles its messages late and reports its own delay as the server's. */
const BOTS_PER_PROCESS = 100
/** Largest number of worker processes on one machine. */
const PROCESSES_MAX = 4

interface Worker {
  child: ChildProcess
  schedules: Schedule[]
  online: number
}

/** All bots of a run, spread over several worker processes. The bots of one party are in the same process. */
export class BotPool implements AsyncDisposable {
  readonly #workers: Worker[]
  readonly #stats = new BotStats()
  /** Resolves with the statistics of all bots when the last worker has ended. Rejects when a worker dies. */
  readonly ended: Promise<BotStats>

  private constructor(workers: Worker[]) {
    this.#workers = workers
    this.ended = Promise.all(workers.map((worker) => this.#follow(worker))).then(() => this.#stats)
    this.ended.catch(() => undefined)
  }

  /** Forks the worker processes. They wait for `start`. */
  static async fork(schedules: readonly Schedule[], processes = Math.min(PROCESSES_MAX, Math.ceil(schedules.length / BOTS_PER_PROCESS))): Promise<BotPool> {
    const workers = Array.from({ length: Math.max(1, processes) }, (): Worker => {
      // Without a global WebSocket the SDK uses `ws`, which needs less CPU than Node's own. Detached, so that only this process handles Ctrl-C.
      const child = fork(fileURLToPath(new URL('worker.ts', import.meta.url)), { execArgv: ['--no-experimental-websocket'], detached: true })
      return { child, schedules: [], online: 0 }
    })
    const workerOfParty = new Map<string, Worker>()
    for (const [index, schedule] of schedules.entries()) {
      const worker = workerOfParty.get(schedule.party ?? '') ?? workers[index % workers.length]
      if (schedule.party !== undefined && worker !== undefined) workerOfParty.set(schedule.party, worker)
      worker?.schedules.push(schedule)
    }
    const pool = new BotPool(workers)
    await Promise.race([Promise.all(workers.map(({ child }) => new Promise((ready) => child.once('message', ready)))), pool.ended])
    return pool
  }

  get online(): number {
    return this.#workers.reduce((sum, { online }) => sum + online, 0)
  }

  /** Resolves when the bots begin to play. */
  async start(task: Omit<WorkerTask, 'schedules'>): Promise<void> {
    const acquainted = this.#workers.map(({ child }) => messageOf(child, 'acquainted'))
    for (const [index, { child, schedules }] of this.#workers.entries()) {
      child.send({ task: { ...task, seed: task.seed + index, schedules } } satisfies ToWorker)
    }
    if (!task.acquainted) return
    await Promise.race([Promise.all(acquainted), this.ended])
    this.#passOn('begin')
  }

  /** Logs all bots out. */
  stop(): void {
    for (const { child } of this.#workers) if (child.connected) child.send('stop' satisfies ToWorker)
  }

  /** To all workers, the sender included. */
  #passOn(message: ToWorker): void {
    for (const { child } of this.#workers) if (child.connected) child.send(message)
  }

  /** Resolves when the worker has reported its statistics and its process has exited. */
  #follow(worker: Worker): Promise<void> {
    const { child } = worker
    let reported = false
    return new Promise((resolve, reject) => {
      child.on('message', (report: FromWorker) => {
        if ('online' in report) worker.online = report.online
        if ('guild' in report) this.#passOn({ guild: report.guild })
        if (!('stats' in report)) return
        reported = true
        worker.online = 0
        this.#stats.add(report.stats)
        child.disconnect()
      })
      child.once('error', reject)
      child.once('exit', (code, signal) => {
        if (reported) resolve()
        else reject(new Error(`a worker process of the bots died (${signal ?? `exit code ${code}`}); see its error output above`))
      })
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { child } of this.#workers) if (child.connected) child.disconnect()
  }
}

function messageOf(child: ChildProcess, kind: 'acquainted'): Promise<void> {
  return new Promise((resolve) => {
    child.on('message', (message: FromWorker) => {
      if (kind in message) resolve()
    })
  })
}
