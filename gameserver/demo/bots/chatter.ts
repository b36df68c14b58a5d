import type { ChatEvent, SpokenKind, World } from '../../../client/index.ts'
import type { CharacterId, MapName } from '../../../model/ids.ts'
import type { Random } from '../../../model/random.ts'
import type { BotStats } from './botStats.ts'

/** Share of a bot's thoughts in which it says something. With two thoughts a second, a bot speaks about every 10 s. */
const SPEAKING_SHARE = 0.05
/** Of what a bot says, the cumulative share per channel. Map chat is rare, because each message goes to everybody on the map. */
const channels: readonly { channel: SpokenKind; upTo: number }[] = [
  { channel: 'map', upTo: 0.2 },
  { channel: 'guild', upTo: 0.5 },
  { channel: 'whisper', upTo: 0.6 },
  { channel: 'party', upTo: 1 },
]
/** A bot's text: a series and a number in it, the time of sending, and words. */
const numbered = /^#([a-z0-9]+)\.(\d+) (\d+) /

interface ChatterParts {
  random: Random
  stats: BotStats
  /** The bot's own character. */
  character: CharacterId | undefined
}

/**
 * The talk of one bot in one world. Each text has a number, so that the bots that receive it measure the delay and count messages that are lost or out of
 * order. A series ends where a gap would prove nothing: at another map, at a reconnect, and after a message without an answer.
 */
export class Chatter {
  readonly #world: World
  readonly #parts: ChatterParts
  readonly #said = new Map<string, { series: string; number: number }>()
  readonly #last = new Map<string, number>()
  #partner: CharacterId | undefined
  #speaking = false
  #map: MapName

  constructor(world: World, parts: ChatterParts) {
    this.#world = world
    this.#parts = parts
    this.#map = world.map
    world.on('chat', (event) => this.#hear(event))
    world.on('live', ({ map }) => {
      if (map === this.#map) return
      this.#map = map
      this.#forget('map')
    })
    world.on('reconnecting', () => this.#forget())
    world.on('reconnected', () => this.#forget())
  }

  /** One thought: sometimes the bot says something. It waits for the answer before it speaks again, as a person does. */
  step(): void {
    const { random } = this.#parts
    if (this.#speaking || random() >= SPEAKING_SHARE) return
    const draw = random()
    const channel = channels.find(({ upTo }) => draw < upTo)?.channel ?? 'party'
    if (channel === 'whisper' && this.#partner === undefined) return
    void this.#say(channel, channel === 'whisper' ? this.#partner : undefined)
  }

  async #say(channel: SpokenKind, to: CharacterId | undefined): Promise<void> {
    const { random, stats } = this.#parts
    const key = `${channel} ${to ?? ''}`
    const { series, number } = this.#said.get(key) ?? { series: random().toString(36).slice(2, 10), number: 1 }
    this.#speaking = true
    this.#said.set(key, { series, number })
    const result = await this.#world.say(channel, `#${series}.${number} ${Date.now()} Has anybody seen the way out?`, to === undefined ? {} : { to })
    this.#speaking = false
    if (result.delivered) {
      stats.chatSent++
      // A new series may have begun while the message was in flight.
      if (this.#said.get(key)?.series === series) this.#said.set(key, { series, number: number + 1 })
    } else if (result.code === 'UNREACHABLE' || result.code === 'CLOSED' || result.code === 'DEPENDENCY_DOWN') {
      this.#said.delete(key)
    } else if (channel === 'whisper') {
      this.#partner = undefined
    }
  }

  #hear({ channel, from, text, past }: ChatEvent): void {
    const { stats, character } = this.#parts
    const [, series, number, at] = numbered.exec(text) ?? []
    if (series === undefined || from === undefined || from.character === character || past === true) return
    // Members of a party may always whisper to each other.
    if (channel === 'party') this.#partner = from.character
    const key = `${channel} ${from.character} ${series}`
    const last = this.#last.get(key)
    const current = Number(number)
    stats.recordChat(Date.now() - Number(at))
    if (last !== undefined && current <= last) stats.chatOutOfOrder++
    else {
      if (last !== undefined) stats.chatLost += current - last - 1
      this.#last.set(key, current)
    }
  }

  /** Begins new series, and forgets those of others: messages in between may rightly be missing. */
  #forget(channel = ''): void {
    for (const known of [this.#said, this.#last]) for (const key of known.keys()) if (key.startsWith(channel)) known.delete(key)
  }
}
