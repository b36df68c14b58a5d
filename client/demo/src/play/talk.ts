import type { SpokenKind, World } from '../../../index.ts'
import type { ChatLine, GameState } from './state.ts'
import type { Store } from './store.ts'

/** Lines that are kept. */
const KEPT = 200

/** A channel in which the player can speak: those of Strata, and the game's own, which people near the player see. */
export type SpeakIn = Exclude<SpokenKind, 'custom'> | 'near'

/** What the demo's bots put before a message, to count what arrives: `#series.number time`. */
const BOT_MARK = /^#[a-z0-9]+\.\d+ \d+ /

/** The chat of the page. */
export class Talk {
  readonly #store: Store<GameState>
  readonly #world: () => World | undefined
  #count = 0

  constructor(store: Store<GameState>, world: () => World | undefined) {
    this.#store = store
    this.#world = world
  }

  listen(world: World): void {
    world.on('chat', ({ id, channel, from, text }) => {
      const own = from !== undefined && from.character === this.#store.get().character
      // The own whisper is shown when the server has taken it, with the name of the other one.
      if (own && channel === 'whisper') return
      this.#add({ id, channel, text: text.replace(BOT_MARK, ''), own, ...(from === undefined ? {} : { from: from.name }) })
    })
    world.on('message', ({ type, data }) => {
      if (type !== 'chat') return
      const { name, text } = data as { name: string; text: string } // the demo's message of what somebody nearby says
      this.#add({ id: this.#next(), channel: 'near', from: name, text, own: name === this.#store.get().name })
    })
  }

  /** Says something; a refusal of the server becomes a line. */
  async say(channel: SpeakIn, text: string, to?: string): Promise<void> {
    const world = this.#world()
    if (world === undefined || text.trim() === '') return
    if (channel === 'near') return world.send('chat', { text: text.trim().slice(0, 200) })
    const result = await world.say(channel, text, to === undefined ? {} : { to })
    if (!result.delivered) this.system(result.message)
    else if (channel === 'whisper' && to !== undefined) this.#add({ id: this.#next(), channel, from: this.#store.get().name, to, text, own: true })
  }

  system(text: string): void {
    this.#add({ id: this.#next(), channel: 'system', text, own: false })
  }

  #next(): string {
    return `page:${++this.#count}`
  }

  #add(line: ChatLine): void {
    const { chat } = this.#store.get()
    if (chat.some(({ id }) => id === line.id)) return
    this.#store.set({ chat: [...chat, line].slice(-KEPT) })
  }
}
