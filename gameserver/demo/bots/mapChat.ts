import type { World } from '../../../client/index.ts'
import type { MapName } from '../../../model/ids.ts'
import type { Random } from '../../../model/random.ts'
import type { BotStats } from './botStats.ts'

/** Share of the steps in which a bot says something to all copies of its map: about one message in 50 s. */
const TALK_SHARE = 0.01
/** The end of each text: the speaker's stream, the number in it, and when it was said (ms since 1970). */
const mark = /\[(\w+):(\d+):(\d+)\]$/

/**
 * Talk over all copies of a map. Each text carries a number, so that the listeners see which messages are missing or out of order, and when it was said:
 * all bots of a run share one machine's clock.
 */
export class MapChat {
  readonly #world: World
  readonly #random: Random
  readonly #stats: BotStats
  #stream = { id: '', map: '' as MapName, said: 0 }
  #busy = false
  /** Last number heard of each stream, since this bot is on its map. */
  readonly #heard = new Map<string, number>()
  #map: MapName

  constructor(world: World, random: Random, stats: BotStats) {
    this.#world = world
    this.#random = random
    this.#stats = stats
    this.#map = world.map
    world.on('chat', ({ text, past }) => {
      if (past !== true) this.#hear(text)
    })
    world.on('live', ({ map }) => {
      if (map !== this.#map) this.#heard.clear()
      this.#map = map
    })
    // Without a connection nobody hears anything: chat is delivered at most once.
    world.on('reconnecting', () => this.#heard.clear())
  }

  /** Says something from time to time, without waiting for the answer, because the bot plays on meanwhile. */
  step(): void {
    if (this.#busy || this.#random() >= TALK_SHARE) return
    this.#busy = true
    this.#say()
      .catch((error: unknown) => this.#stats.error(error))
      .finally(() => {
        this.#busy = false
      })
  }

  async #say(): Promise<void> {
    const { map } = this.#world
    if (map !== this.#stream.map) this.#stream = { id: this.#newId(), map, said: 0 }
    const stream = this.#stream
    const number = stream.said + 1
    const result = await this.#world.say('map', `Who is in ${map}? [${stream.id}:${number}:${Date.now()}]`)
    if (result.delivered) {
      stream.said = number
      this.#stats.chatSaid++
      return
    }
    // Without an answer nobody knows whether the listeners got the number: a new stream begins.
    if (result.code === 'UNREACHABLE' || result.code === 'CLOSED') this.#stream = { id: '', map: '', said: 0 }
    else this.#stats.error(new Error(result.code))
  }

  #hear(text: string): void {
    const [, stream, number, saidAt] = mark.exec(text) ?? []
    if (stream === undefined) return
    this.#stats.recordChat(Date.now() - Number(saidAt))
    const last = this.#heard.get(stream)
    if (last !== undefined && Number(number) <= last) {
      this.#stats.chatOutOfOrder++
      return
    }
    if (last !== undefined) this.#stats.chatLost += Number(number) - last - 1
    this.#heard.set(stream, Number(number))
  }

  #newId(): string {
    return Math.floor(this.#random() * 2 ** 48).toString(36)
  }
}
