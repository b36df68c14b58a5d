import { setTimeout as pause } from 'node:timers/promises'
import type { DurationMs } from '../../model/clock.ts'
import type { StoreLog } from '../database/database.ts'
import type { Economy } from './economy.ts'

const EVERY_MS: DurationMs = 2_000

/** Ends what is over: auctions, letters that nobody took, trades of people who parted. Any number of processes may do so. */
export class EconomyKeeper implements AsyncDisposable {
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
      // What failed is found again the next time.
      await this.#economy.tidy().catch((error: unknown) => this.#log?.warn({ err: error }, 'auctions, letters and trades that are over were not all ended'))
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await this.#running
  }
}
