import { type StrataClient, StrataClientError } from '../../../client/index.ts'
import type { DurationMs } from '../../../model/clock.ts'
import type { Random } from '../../../model/random.ts'
import type { BotStats } from './botStats.ts'

/** Mean time in ms between two trades of a bot. */
const TRADE_EVERY_MS = 4_000
/** Pause in ms after a refusal by a quota or for want of postage: a bot sends more letters than a player may. */
const REFUSED_PAUSE_MS = 10 * 60_000
/** Largest amount of money in one mail. */
const COINS_MAX = 5

export interface TraderOptions {
  /** Names of the characters to which the bot sends mail. */
  partners: readonly string[]
  random: Random
  stats: BotStats
}

/** Sends items and money to other players by mail, and takes the attachments of received mail. */
export class Trader {
  readonly #client: StrataClient
  readonly #partners: readonly string[]
  readonly #random: Random
  readonly #stats: BotStats
  #next: DurationMs = 0
  #busy = false

  constructor(client: StrataClient, { partners, random, stats }: TraderOptions) {
    this.#client = client
    this.#partners = partners
    this.#random = random
    this.#stats = stats
  }

  /** Starts a trade when it is time, without waiting for it, because the bot plays on meanwhile. */
  step(now: DurationMs): void {
    if (this.#busy || now < this.#next) return
    this.#next = now + TRADE_EVERY_MS * (0.5 + this.#random())
    this.#busy = true
    this.#trade()
      .catch((error: unknown) => {
        if (error instanceof StrataClientError && (error.code === 'ECONOMY_REFUSED' || error.code === 'NOT_ENOUGH_MONEY')) this.#next = now + REFUSED_PAUSE_MS
        else this.#stats.error(error)
      })
      .finally(() => {
        this.#busy = false
      })
  }

  async #trade(): Promise<void> {
    for (const { id, attached } of await this.#client.economy.mail()) {
      if (attached.money > 0 || attached.items.length > 0) {
        await this.#client.economy.takeMail(id)
        this.#stats.taken++
      }
      await this.#client.economy.deleteMail(id)
    }
    const { money, items } = await this.#client.economy.holdings()
    const to = this.#partners[Math.floor(this.#random() * this.#partners.length)]
    const item = items[Math.floor(this.#random() * items.length)]
    const coins = Math.min(money, Math.floor(this.#random() * COINS_MAX))
    if (to === undefined || (item === undefined && coins === 0)) return
    await this.#client.economy.sendMail({ to, subject: 'For you', money: coins, items: item === undefined ? [] : [item.id] })
    this.#stats.sent++
  }
}
