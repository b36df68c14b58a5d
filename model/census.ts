import type { Instant } from './clock.ts'
import type { Copy } from './copy.ts'
import type { CharacterId, CopyId, GuildId, Language, MapName, PartyId, ServerId } from './ids.ts'
import type { Seat } from './seat.ts'
import type { ServerReport } from './server.ts'

/** One copy with its seats. The counts repeat what the seats say, so that scoring does not iterate over the seats. */
export interface CopyCensus {
  copy: Copy
  /** Held and taken seats. */
  seats: ReadonlyMap<CharacterId, Seat>
  parties: ReadonlyMap<PartyId, number>
  guilds: ReadonlyMap<GuildId, number>
  /** Number of pairs of guild-mates in the copy. Absent: computed from `guilds`. */
  guildPairs?: number
  /** Number of seats whose holder speaks each language. A holder who speaks several languages counts for each. */
  languages: ReadonlyMap<Language, number>
  /** Number of seats per value of each attribute. Values that no seat has are left out. */
  attributes?: ReadonlyMap<string, ReadonlyMap<string | number, number>>
}

export interface MapCensus {
  map: MapName
  copies: ReadonlyMap<CopyId, CopyCensus>
  /** The same counts on the whole map. Absent: computed from the copies. */
  languages?: ReadonlyMap<Language, number>
  /** The copies in which each character has a seat: one, or two during a move. Absent: computed from the copies. */
  seated?: ReadonlyMap<CharacterId, readonly CopyId[]>
  /** Number of places in line. */
  waiting: number
  /**
   * Set while the directory rebuilds a line that it lost. From this instant on, every waiting client has shown its line ticket again; before it, the order
   * may be wrong.
   */
  lineRebuiltAt?: Instant | undefined
}

/** The state of the world at one instant: the only input of the planner and the scorer besides the policies. */
export interface Census {
  at: Instant
  maps: ReadonlyMap<MapName, MapCensus>
  servers: ReadonlyMap<ServerId, ServerReport>
  /** The map and copy of each character that has a seat. */
  whereabouts: ReadonlyMap<CharacterId, { map: MapName; copy: CopyId }>
}
