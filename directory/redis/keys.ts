import type { MapName, ServerId } from '../../model/ids.ts'

/** Names of everything in Redis. What belongs to one map shares one hash slot by its `{map:NAME}` tag. */
export class Keys {
  readonly #prefix: string
  constructor(prefix: string) {
    this.#prefix = prefix
  }
  /** Events that every process hears: of copies. */
  get channel(): string {
    return `${this.#prefix}events`
  }
  /** All others, of which there are as many as people do things: for those who keep a census. */
  get crowdChannel(): string {
    return `${this.#prefix}events:crowd`
  }
  /** What only one server hears: orders to it, and who of its characters is live elsewhere. */
  doorChannel(server: ServerId): string {
    return `${this.#prefix}events:door:${server}`
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
  /** Counts the map's events, as `lua/common.lua` says. */
  seq(map: MapName): string {
    return `${this.map(map)}:seq`
  }
  moves(server: ServerId): string {
    return `${this.#prefix}moves:${server}`
  }
}
