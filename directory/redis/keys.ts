import type { MapName, ServerId } from '../../model/ids.ts'

/** Names of all keys and channels in Redis. The keys of one map share one hash slot through the tag `{map:NAME}`. */
export class Keys {
  readonly #prefix: string
  constructor(prefix: string) {
    this.#prefix = prefix
  }
  /** Events that every process receives: those of copies. */
  get copyChannel(): string {
    return `${this.#prefix}events`
  }
  /** All other events, for processes that keep a census. Their number grows with the number of players. */
  get censusChannel(): string {
    return `${this.#prefix}events:crowd`
  }
  /** Events for one server: orders to it, and characters of it that are live elsewhere. */
  serverChannel(server: ServerId): string {
    return `${this.#prefix}events:door:${server}`
  }
  /** Messages of one chat channel, for the servers of characters that are in it. */
  chat(channel: string): string {
    return `${this.#prefix}chat:${channel}`
  }
  /** List of the messages of a chat channel that are kept. */
  chatHistory(channel: string): string {
    return `${this.#prefix}chat-kept:${channel}`
  }
  /** Written by `ping`, to see whether Redis takes writes. */
  get probe(): string {
    return `${this.#prefix}probe`
  }
  get maps(): string {
    return `${this.#prefix}maps`
  }
  get presence(): string {
    return `${this.#prefix}presence`
  }
  get servers(): string {
    return `${this.#prefix}servers`
  }
  map(map: MapName): string {
    return `${this.#prefix}{map:${map}}`
  }
  /** The event counter of the map, which `lua/common.lua` increments. */
  seq(map: MapName): string {
    return `${this.map(map)}:seq`
  }
  moves(server: ServerId): string {
    return `${this.#prefix}moves:${server}`
  }
}
