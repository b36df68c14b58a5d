import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream, type WriteStream } from 'node:fs'
import { defined } from '../model/defined.ts'
import { backoffMs } from '../model/retry/backoff.ts'
import type { Logger } from '../service/log.ts'
import { orphanGuard } from './guarded.ts'

/** Pauses before restarts, in ms. */
const restartTimes = { firstMs: 250, maxMs: 10_000 }
/** A process that ran longer than this, in ms, had started successfully: the back-off starts from its first delay. */
const STEADY_MS = 10_000
/** Time from SIGTERM to SIGKILL, in ms. */
const STOP_GRACE_MS = 8_000

export interface ChildOptions {
  name: string
  /** Script and arguments for Node. */
  command: string[]
  root: string
  env: Record<string, string>
  logFile: string
  log: Logger
}

/**
 * A supervised process. It is restarted with back-off when it dies, and stopped with SIGTERM, then SIGKILL. It has its own process
 * group, so that Ctrl-C reaches only the supervisor. It ends by itself when the supervisor dies (see orphanGuard.ts).
 */
export class Child implements AsyncDisposable {
  readonly #options: ChildOptions
  readonly #output: WriteStream
  #process: ChildProcess | undefined
  #stopping = false
  #failures = 0
  #timer: NodeJS.Timeout | undefined
  restarts = 0

  constructor(options: ChildOptions) {
    this.#options = options
    this.#output = createWriteStream(options.logFile, { flags: 'a' })
    this.#start()
  }

  get name(): string {
    return this.#options.name
  }

  get pid(): number | undefined {
    return this.#process?.pid
  }

  #start(): void {
    const { name, command, root, env, log } = this.#options
    const started = Date.now()
    const child = spawn(process.execPath, ['--import', orphanGuard, ...command], {
      cwd: root,
      env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', ...defined({ NODE_OPTIONS: process.env['NODE_OPTIONS'] }), ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    })
    this.#process = child
    child.stdin.on('error', () => undefined)
    child.stdout.pipe(this.#output, { end: false })
    child.stderr.pipe(this.#output, { end: false })
    child.once('error', (error) => log.error({ err: error, child: name }, 'could not start the process'))
    child.once('close', (code, signal) => {
      if (this.#process === child) this.#process = undefined
      if (this.#stopping) return
      this.#failures = Date.now() - started > STEADY_MS ? 1 : this.#failures + 1
      const delayMs = backoffMs(restartTimes, this.#failures)
      log.warn({ child: name, code, signal, delayMs }, 'a process died; restarting it')
      this.restarts++
      this.#timer = setTimeout(() => this.#start(), delayMs)
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping = true
    clearTimeout(this.#timer)
    const child = this.#process
    if (child !== undefined) {
      const closed = new Promise<void>((resolve) => child.once('close', () => resolve()))
      child.kill('SIGTERM')
      const timer = setTimeout(() => {
        this.#options.log.error({ child: this.#options.name }, 'the process did not stop in time and was killed')
        child.kill('SIGKILL')
      }, STOP_GRACE_MS)
      await closed
      clearTimeout(timer)
    }
    this.#output.end()
  }
}
