import type { VirtualClock } from '../../model/clock.ts'
import type { RequestKey, Trade, TradeId } from '../../model/economy.ts'
import { StrataError } from '../../model/errors.ts'
import type { CharacterId, Epoch } from '../../model/ids.ts'
import { retry } from '../../model/retry/retry.ts'
import type { Economy, Held } from '../../store/economy/economy.ts'
import type { PostgresStore } from '../../store/postgresStore.ts'
import { makeCharacter } from '../people.ts'

export const acts = [
  'grant',
  'use',
  'send',
  'take',
  'list',
  'bid',
  'buy',
  'cancelAuctionOf',
  'open',
  'offer',
  'confirm',
  'cancel',
  'move',
  'save',
  'deposit',
  'withdraw',
  'sweep',
] as const
export type Act = (typeof acts)[number]
/** One action of a character; `n` and `m` select items, amounts and partners. */
export interface Step {
  act: Act
  who: number
  n: number
  m: number
}

/** A request that was answered and can be repeated. */
interface AnsweredRequest {
  answer: unknown
  repeat(): Promise<unknown>
}

interface GroupParts {
  store: PostgresStore
  economy: Economy
  clock: VirtualClock
  /** Prefix of the names, and name of the guild and the copy. */
  name: string
}

/** Characters in one copy and one guild that trade with each other. A request without an answer is repeated with the same key. */
export class TradingGroup {
  readonly people: CharacterId[]
  readonly requests: AnsweredRequest[] = []
  /** Ids of the items that were created and used, according to the answers. */
  readonly made = new Set<string>()
  readonly used = new Set<string>()
  money = 0
  #keys = 0
  readonly #store: PostgresStore
  readonly #economy: Economy
  readonly #clock: VirtualClock
  readonly #name: string
  readonly #epochs: Map<CharacterId, Epoch>
  readonly #trades: TradeId[] = []
  #itemsMade = 0

  private constructor({ store, economy, clock, name }: GroupParts, epochs: Map<CharacterId, Epoch>) {
    this.#store = store
    this.#economy = economy
    this.#clock = clock
    this.#name = name
    this.#epochs = epochs
    this.people = [...epochs.keys()]
  }

  /** Creates and claims `size` characters. `economy` may be faulty; `store` must not be. */
  static async create({ store, economy, clock, name }: GroupParts, size: number): Promise<TradingGroup> {
    const epochs = new Map<CharacterId, Epoch>()
    for (let n = 0; n < size; n++) {
      const { character } = await makeCharacter(store, { name: `${name} ${n}`, guild: name })
      epochs.set(character, (await store.claim(character, { copy: name, server: 's' })).epoch)
    }
    return new TradingGroup({ store, economy, clock, name }, epochs)
  }

  /** Performs one step. Returns `ok`, or the code of the refusal. */
  async step({ act, who, n, m }: Step): Promise<string> {
    this.#clock.advance(1)
    const me = this.people[who % this.people.length] ?? ''
    try {
      await this.#do(act, me, n, m)
      return 'ok'
    } catch (error) {
      if (error instanceof StrataError && error.row.status < 500) return error.code
      throw error
    }
  }

  async #do(act: Act, me: CharacterId, n: number, m: number): Promise<unknown> {
    const economy = this.#economy
    const other = this.people[(this.people.indexOf(me) + 1 + (n % (this.people.length - 1))) % this.people.length] ?? ''
    switch (act) {
      case 'grant': {
        const wanted = { character: me, money: m, items: [`thing ${++this.#itemsMade}`], reason: 'found' }
        const { items } = await this.#ask('server', (key) => economy.grant(key, wanted))
        for (const { id } of items) this.made.add(id)
        this.money += m
        return
      }
      case 'use': {
        const [item] = await this.#itemsOf(me, n, 1)
        const wanted = { character: me, money: m % 3, items: item === undefined ? [] : [item], reason: 'used' }
        const { items, money } = await this.#ask('server', (key) => economy.use(key, wanted))
        for (const { id } of items) this.used.add(id)
        this.money -= money
        return
      }
      case 'send': {
        const letter = { to: other, subject: 's', money: m, items: await this.#itemsOf(me, n, n % 3) }
        return this.#ask(me, (key) => economy.sendMail(key, me, letter))
      }
      case 'take': {
        const mail = pick(await this.#read(() => economy.mail(me)), n)
        return mail === undefined ? undefined : this.#ask(me, (key) => economy.takeMail(key, me, mail.id))
      }
      case 'list': {
        const offer = {
          items: await this.#itemsOf(me, n, 1 + (m % 2)),
          startPrice: 1 + (n % 9),
          durationMs: 1 + m,
          ...(m % 2 === 0 ? {} : { buyout: 10 + n }),
        }
        return this.#ask(me, (key) => economy.listAuction(key, me, offer))
      }
      case 'bid': {
        const auction = pick(await this.#auctions(), n)
        const amount = (auction?.bid?.amount ?? auction?.startPrice ?? 0) + m
        return auction === undefined ? undefined : this.#ask(me, (key) => economy.bid(key, me, auction.id, amount))
      }
      case 'buy': {
        const auction = pick(await this.#auctions(), n)
        return auction === undefined ? undefined : this.#ask(me, (key) => economy.buyOut(key, me, auction.id))
      }
      case 'cancelAuctionOf': {
        const auction = pick(await this.#auctions(), n)
        return auction === undefined ? undefined : this.#ask(me, (key) => economy.cancelAuction(key, me, auction.id))
      }
      case 'open': {
        const sides = [this.#holdOf(me), this.#holdOf(other)] as const
        const { trade } = await this.#ask('server', (key) => economy.openTrade(key, this.#name, sides))
        return this.#trades.push(trade)
      }
      case 'offer': {
        const trade = await this.#tradeOf(me)
        const offer = { money: m, items: await this.#itemsOf(me, n, n % 3) }
        return trade === undefined ? undefined : this.#ask(me, (key) => economy.offer(key, me, trade.id, offer))
      }
      case 'confirm': {
        const trade = await this.#tradeOf(me)
        return trade === undefined ? undefined : this.#ask(me, (key) => economy.confirm(key, me, trade.id, trade.version))
      }
      case 'cancel': {
        const trade = await this.#tradeOf(me)
        return trade === undefined ? undefined : this.#ask(me, (key) => economy.cancelTrade(key, trade.id, 'changed my mind'))
      }
      case 'move': {
        const { epoch } = await this.#store.claim(me, { copy: this.#name, server: 's2' })
        this.#epochs.set(me, epoch)
        return
      }
      case 'save':
        // Saves all characters at once, as a copy does, also during trades.
        return this.#store.saveMany(this.people.map((character) => ({ ...this.#holdOf(character), state: { n, m }, stateVersion: 1 })))
      case 'deposit':
        return this.#ask(me, async (key) => economy.deposit(key, me, { money: m }))
      case 'withdraw':
        return this.#ask(me, (key) => economy.withdraw(key, me, { money: m }))
      case 'sweep':
        return this.#read(() => economy.sweep())
    }
  }

  /** The holdings of each character by kind, because ids differ between groups. */
  async wealth(): Promise<unknown[]> {
    const all = []
    for (const character of this.people) {
      const { money, items } = await this.#store.economy.holdings(character)
      const mail = (await this.#store.economy.mail(character)).map(({ attached }) => ({ money: attached.money, items: kinds(attached.items) }))
      all.push({ money, items: kinds(items), mail })
    }
    return all
  }

  async #ask<T>(actor: string, work: (key: RequestKey) => Promise<T>): Promise<T> {
    const key = { actor, key: `${this.#name} ${++this.#keys}` }
    const repeat = () => this.#read(() => work(key))
    try {
      const answer = await repeat()
      this.requests.push({ answer, repeat })
      return answer
    } catch (error) {
      if (error instanceof StrataError && !error.row.retryable)
        this.requests.push({ answer: error.code, repeat: () => repeat().catch((second: StrataError) => second.code) })
      throw error
    }
  }

  /** Repeats the call until there is an answer. */
  async #read<T>(work: () => Promise<T>): Promise<T> {
    return retry(work, {
      times: { firstMs: 0, maxMs: 0 },
      mayRetry: (error, failures) => error instanceof StrataError && error.code === 'DEPENDENCY_DOWN' && failures <= 51,
      pause: async () => undefined,
    })
  }

  async #itemsOf(me: CharacterId, n: number, count: number): Promise<string[]> {
    const { items } = await this.#read(() => this.#economy.holdings(me))
    const sorted = items.toSorted((a, b) => (a.kind < b.kind ? -1 : 1))
    return Array.from({ length: Math.min(count, sorted.length) }, (_, index) => sorted[(n + index) % sorted.length]?.id ?? '')
  }

  async #auctions() {
    const mine = new Set(this.people)
    return (await this.#read(() => this.#economy.auctions(1_000)))
      .filter(({ seller }) => mine.has(seller))
      .sort((a, b) => a.ends - b.ends || a.startPrice - b.startPrice)
  }

  /** The latest trade of a character, open or closed. */
  async #tradeOf(me: CharacterId): Promise<Trade | undefined> {
    for (const id of this.#trades.toReversed()) {
      const trade = await this.#read(() => this.#economy.trade(id))
      if (trade?.sides.some(({ character }) => character === me)) return trade
    }
    return undefined
  }

  #holdOf(character: CharacterId): Held {
    return { character, epoch: this.#epochs.get(character) ?? 0 }
  }
}

function pick<T>(all: readonly T[], n: number): T | undefined {
  return all[n % Math.max(1, all.length)]
}

function kinds(items: readonly { kind: string }[]): string[] {
  return items.map(({ kind }) => kind).sort()
}
