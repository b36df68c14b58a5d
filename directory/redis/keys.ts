import type { MapName, ServerId } from '../../model/ids.ts'

/** Names of everything in Redis. What belongs to one map shares one hash slot by its `{map:NAME}` tag. */
export class Keys {
  readonly #prefix: string
  constructor(prefix: string) {
    this.#prefix = prefix
  }
  get channel(): string {
    return `${this.#prefix}events`
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
