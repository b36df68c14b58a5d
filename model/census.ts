import type { Instant } from './clock.ts'
import type { Copy } from './copy.ts'
import type { CharacterId, CopyId, GuildId, Language, MapName, PartyId, ServerId } from './ids.ts'
import type { Seat } from './seat.ts'
import type { ServerReport } from './server.ts'

/** One copy and who sits in it; the counts are kept beside the seats so that scoring never walks them. */
export interface CopyCensus {
  copy: Copy
  /** Held and taken. */
  seats: ReadonlyMap<CharacterId, Seat>
  parties: ReadonlyMap<PartyId, number>
  guilds: ReadonlyMap<GuildId, number>
  /** Pairs of guild-mates inside; where it is missing it follows from `guilds`. */
  guildPairs?: number
  languages: ReadonlyMap<Language, number>
  /** Per attribute, how many have which value; only those that somebody inside has. */
  attributes?: ReadonlyMap<string, ReadonlyMap<string | number, number>>
}

export interface MapCensus {
  map: MapName
  copies: ReadonlyMap<CopyId, CopyCensus>
  /** Who speaks what on the whole map; where it is missing it follows from the copies. */
  languages?: ReadonlyMap<Language, number>
  /** In which copies each of them has a seat: one, or two while they are moved; where it is missing it follows from the copies. */
  seated?: ReadonlyMap<CharacterId, readonly CopyId[]>
  /** Places in line. */
  waiting: number
  /** The directory has lost the line: by then those who stood in it are back, and until then whoever is first in it may not be. */
  lineRebuiltAt?: Instant | undefined
}

/** What the world looks like now. The planner and the scorer see nothing else. */
export interface Census {
  at: Instant
  maps: ReadonlyMap<MapName, MapCensus>
  servers: ReadonlyMap<ServerId, ServerReport>
  /** Where each seated character sits. */
  whereabouts: ReadonlyMap<CharacterId, { map: MapName; copy: CopyId }>
}
