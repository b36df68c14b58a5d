import { setTimeout as pause } from 'node:timers/promises'
import type { DurationMs } from '../../model/clock.ts'
import type { StoreLog } from '../database/database.ts'
import type { Economy } from './economy.ts'

/** Pause between two sweeps, in ms. */
const EVERY_MS: DurationMs = 2_000

/** Calls `Economy.sweep` at an interval. Any number of processes may do so at once. */
export class EconomySweeper implements AsyncDisposable {
  readonly #economy: Economy
  readonly #log: StoreLog | undefined
  readonly #stop = new AbortController()
  readonly #running: Promise<void>

  constructor(economy: Economy, log?: StoreLog, everyMs: DurationMs = EVERY_MS) {
    this.#economy = economy
    this.#log = log
    this.#running = this.#run(everyMs)
  }

  async #run(everyMs: DurationMs): Promise<void> {
    const { signal } = this.#stop
    while (!signal.aborted) {
      await pause(everyMs, undefined, { signal }).catch(() => undefined)
      if (signal.aborted) return
      // The next sweep finds failed entries again.
      await this.#economy
        .sweep()
        .catch((error: unknown) => this.#log?.warn({ err: error }, 'Not all expired auctions, mail and trades could be ended; the next sweep tries again.'))
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await this.#running
  }
}
