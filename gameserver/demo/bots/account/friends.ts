import { type StrataClient, StrataClientError } from '../../../../client/index.ts'
import type { DurationMs } from '../../../../model/clock.ts'
import { type BackoffTimes, backoffMs } from '../../../../model/retry/backoff.ts'
import type { BotStats } from '../botStats.ts'

/** Pauses in ms between two reads of the received requests, while friendships are missing. */
const LOOK_TIMES: BackoffTimes = { firstMs: 2_000, maxMs: 60_000 }

/** The friendships of one bot: it sends requests to the people that it knows, and accepts theirs. */
export class Friends {
  readonly #client: StrataClient
  readonly #stats: BotStats
  /** Names of people who are not friends yet. */
  readonly #missing: Set<string>
  /** Names of people whom the bot has asked. */
  readonly #asked = new Set<string>()
  #next: DurationMs = 0
  #looks = 0
  #busy = false

  constructor(client: StrataClient, names: readonly string[], stats: BotStats) {
    this.#client = client
    this.#missing = new Set(names)
    this.#stats = stats
  }

  /** Asks everybody who is no friend yet. A person without a character asks later. */
  async ask(): Promise<void> {
    if (this.#missing.size === 0) return
    for (const { name } of await this.#client.friends.list()) this.#missing.delete(name)
    await Promise.all([...this.#missing].map((name) => this.#request(name)))
  }

  /** Accepts requests when it is time, without waiting for it, because the bot plays on meanwhile. */
  step(now: DurationMs): void {
    if (this.#busy || this.#missing.size === 0 || now < this.#next) return
    this.#next = now + backoffMs(LOOK_TIMES, ++this.#looks)
    this.#busy = true
    this.#accept()
      .catch((error: unknown) => this.#stats.error(error))
      .finally(() => {
        this.#busy = false
      })
  }

  async #request(name: string): Promise<void> {
    try {
      if ((await this.#client.friends.request(name)) === 'friends') this.#made(name)
      else this.#asked.add(name)
    } catch (error) {
      if (!(error instanceof StrataClientError && error.code === 'CHARACTER_UNKNOWN')) throw error
    }
  }

  async #accept(): Promise<void> {
    const { received, sent } = await this.#client.friends.requests()
    for (const { name } of received) {
      if (!this.#missing.has(name)) continue
      await this.#client.friends.accept(name)
      this.#made(name)
    }
    // A request that is gone was answered.
    const open = new Set(sent.map(({ name }) => name))
    for (const name of this.#asked) if (!open.has(name)) this.#missing.delete(name)
  }

  /** A friendship counts once: for the one whose request or answer completed it. */
  #made(name: string): void {
    this.#missing.delete(name)
    this.#stats.friendships++
  }
}
