import { type ChildProcess, spawn } from 'node:child_process'
import { clientFolder } from './venv.ts'

interface Durations {
  count: number
  p50: number | null
  p99: number | null
  max: number | null
}

/** What `python -m strata_client --json` prints (clients/python/strata_client/bots/report.py). */
export interface PythonReport {
  players: number
  entered: number
  refused: Record<string, number>
  waited_in_line: number
  in_world_at_end: number
  ended: Record<string, number>
  snapshot_bytes_per_player_per_second: number
  entities_in_sight: number
  gap_ms: Durations
  gaps_above_250_ms: number
  move_gap_ms: Durations
  moves: Record<string, number>
  moves_to_another_server: number
  reconnects: Record<string, number>
  jump_m: { count: number; max: number }
  inputs_unconfirmed: number
  inputs_dropped: number
  gathered: number
  items_lost: number
  chat: { delivered: number; refused: Record<string, number>; received: number; missed: number; out_of_order: number }
  lateness_ms: Durations
}

/** Longest time to wait for a line of the bots, and for their report, in ms. */
const ANSWER_MS = 90_000

/** The command of the Python client. It plays until `report` is called. */
export class PythonBots implements AsyncDisposable {
  readonly #child: ChildProcess
  readonly #ended: Promise<void>
  #out = ''
  #progress = ''

  constructor(python: string, ...args: string[]) {
    this.#child = spawn(python, ['-m', 'strata_client', '--json', '--seconds', '600', ...args], { cwd: clientFolder, stdio: ['ignore', 'pipe', 'pipe'] })
    this.#child.stdout?.on('data', (chunk: Buffer) => (this.#out += chunk.toString()))
    this.#child.stderr?.on('data', (chunk: Buffer) => (this.#progress += chunk.toString()))
    this.#ended = new Promise((done) => this.#child.once('close', () => done()))
  }

  /** Waits until the bots have printed this about their progress. */
  async prints(what: RegExp): Promise<void> {
    for (const late = AbortSignal.timeout(ANSWER_MS); !what.test(this.#progress); await new Promise((next) => setTimeout(next, 50)))
      if (late.aborted || this.#child.exitCode !== null) throw new Error(`the bots did not print ${what}:\n${this.#progress}`)
  }

  /** Ends the play; all bots leave. */
  async report(): Promise<PythonReport> {
    await this[Symbol.asyncDispose]()
    if (!this.#out.startsWith('{')) throw new Error(`the bots printed no report:\n${this.#progress}${this.#out}`)
    return JSON.parse(this.#out) as PythonReport // the command prints these members
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill('SIGINT')
    const force = setTimeout(() => this.#child.kill('SIGKILL'), ANSWER_MS)
    await this.#ended
    clearTimeout(force)
  }
}
