import type { CharacterId, CopyId, GuildId, MapName, PartyId } from '../../model/ids.ts'
import type { Random } from '../../model/random.ts'
import type { SpokenKind } from '../../model/wire/chat.ts'

/** Who is where. Sizes are numbers of characters. */
export interface CrowdSize {
  people: number
  servers: number
  /** On one map, in several copies. */
  map: number
  copy: number
  /** Members of a guild who are in the world, spread over all maps. */
  guild: number
  party: number
}

/** Channels in which people speak, with the share of each. Those of the demo's bots: map chat is rare, because each message goes to everybody on the map. */
export const mix: readonly { channel: SpokenKind; share: number }[] = [
  { channel: 'map', share: 0.2 },
  { channel: 'guild', share: 0.3 },
  { channel: 'whisper', share: 0.1 },
  { channel: 'party', share: 0.4 },
]

/** One character of the crowd. */
export interface Person {
  index: number
  character: CharacterId
  map: MapName
  copy: CopyId
  /** Index of the server that hosts the copy: the copies of one map are on different servers. */
  server: number
  guild: GuildId
  party: PartyId
  /** Whom it whispers to: the next member of its party. */
  partner: CharacterId
}

export function personAt(index: number, { people, servers, map, copy, guild, party }: CrowdSize): Person {
  const copyNumber = Math.floor(index / copy)
  const first = index - (index % party)
  const next = first + ((index + 1) % party)
  return {
    index,
    character: characterAt(index),
    map: `map-${Math.floor(index / map)}`,
    copy: `copy-${copyNumber}`,
    server: copyNumber % servers,
    guild: `guild-${index % Math.ceil(people / guild)}`,
    party: `party-${Math.floor(index / party)}`,
    partner: characterAt(next < people ? next : first),
  }
}

function characterAt(index: number): CharacterId {
  return `person-${index}`
}

export function drawChannel(random: Random): SpokenKind {
  let draw = random()
  for (const { channel, share } of mix) {
    draw -= share
    if (draw < 0) return channel
  }
  return 'party'
}

/** Number of clients that must receive each message, by the channel. The sender is one of them, except for a whisper. */
export function audienceSizes(crowd: readonly Person[]): (person: Person, channel: SpokenKind) => number {
  const count = (key: (person: Person) => string): Map<string, number> =>
    crowd.reduce((sizes, person) => sizes.set(key(person), (sizes.get(key(person)) ?? 0) + 1), new Map<string, number>())
  const sizes = { map: count(({ map }) => map), guild: count(({ guild }) => guild), party: count(({ party }) => party) }
  return (person, channel) => (channel === 'map' || channel === 'guild' || channel === 'party' ? (sizes[channel].get(person[channel]) ?? 0) : 1)
}
