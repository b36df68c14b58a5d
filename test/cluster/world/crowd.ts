import { Account } from '../../../gameserver/demo/bots/account/account.ts'
import { GuildDesk } from '../../../gameserver/demo/bots/account/guildDesk.ts'
import { Bot } from '../../../gameserver/demo/bots/bot.ts'
import { BotStats } from '../../../gameserver/demo/bots/botStats.ts'
import type { MapName } from '../../../model/ids.ts'
import { seededRandom } from '../../../model/random.ts'
import { until } from './until.ts'

const MINUTE = 60_000
const DAY_MS = 86_400_000

/** A group of players who enter and stay: real clients in this process. */
export class Crowd implements AsyncDisposable {
  readonly stats = new BotStats()
  readonly #bots: Bot[]
  readonly #stopping = new AbortController()
  readonly #running: Promise<unknown>

  constructor(matchmaker: string, name: string, count: number, map: MapName) {
    const began = performance.now()
    const elapsed = (): number => performance.now() - began
    const random = seededRandom(count)
    const visits = [{ from: 0, until: DAY_MS, stops: [{ at: 0, map }] }]
    const guilds: GuildDesk = new GuildDesk(
      (message) => guilds.receive(message),
      (error) => this.stats.error(error),
    )
    const shared = { random, elapsed, stats: this.stats, party: undefined, stopping: this.#stopping.signal }
    this.#bots = Array.from({ length: count }, (_, index) => {
      const person = { name: `${name} ${index}`, language: 'en', friends: [] }
      return new Bot({ person, visits }, { ...shared, account: new Account(person, { matchmaker, stats: this.stats, guilds }) })
    })
    this.#running = Promise.all(this.#bots.map((bot) => bot.run()))
  }

  /** A group of players who are all in the world. */
  static async entered(matchmaker: string, name: string, count: number, map: MapName): Promise<Crowd> {
    await using starting = new AsyncDisposableStack()
    const crowd = starting.use(new Crowd(matchmaker, name, count, map))
    await until('all players in the world', () => crowd.online === count, MINUTE)
    starting.move()
    return crowd
  }

  /** Number of bots in the world. */
  get online(): number {
    return this.#bots.filter(({ world }) => world !== undefined && !world.closed).length
  }
  /** Number of bots in each copy. */
  get copies(): Map<string, number> {
    const counts = new Map<string, number>()
    for (const { world } of this.#bots) if (world !== undefined && !world.closed) counts.set(world.copy, (counts.get(world.copy) ?? 0) + 1)
    return counts
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort()
    await this.#running
  }
}
