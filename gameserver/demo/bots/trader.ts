import type { StrataClient } from '../../../client/index.ts'
import type { DurationMs } from '../../../model/clock.ts'
import type { Random } from '../../../model/random.ts'
import type { Sightings } from './sightings.ts'

const TRADE_EVERY_MS = 4_000
const COINS_MAX = 5

/** Gives things and coins to others by mail, and takes what came. */
export class Trader {
  readonly #client: StrataClient
  readonly #others: readonly string[]
  readonly #random: Random
  readonly #sightings: Sightings
  #next: DurationMs = 0
  #busy = false

  constructor(client: StrataClient, others: readonly string[], random: Random, sightings: Sightings) {
    this.#client = client
    this.#others = others
    this.#random = random
    this.#sightings = sightings
  }

  /** Does not wait for what it begins: players go on while a letter is under way. */
  step(now: DurationMs): void {
    if (this.#busy || now < this.#next) return
    this.#next = now + TRADE_EVERY_MS * (0.5 + this.#random())
    this.#busy = true
    this.#trade()
      .catch((error: unknown) => this.#sightings.error(error))
      .finally(() => {
        this.#busy = false
      })
  }

  async #trade(): Promise<void> {
    for (const { id, attached } of await this.#client.mail()) {
      if (attached.money > 0 || attached.items.length > 0) {
        await this.#client.takeMail(id)
        this.#sightings.taken++
      }
      await this.#client.deleteMail(id)
    }
    const { money, items } = await this.#client.holdings()
    const to = this.#others[Math.floor(this.#random() * this.#others.length)]
    const item = items[Math.floor(this.#random() * items.length)]
    const coins = Math.min(money, Math.floor(this.#random() * COINS_MAX))
    if (to === undefined || (item === undefined && coins === 0)) return
    await this.#client.sendMail({ to, subject: 'For you', money: coins, items: item === undefined ? [] : [item.id] })
    this.#sightings.sent++
  }
}
