import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import type { Instant } from '../../model/clock.ts'
import type { Language, MapName, Pseudonym } from '../../model/ids.ts'

/** A character in the world, under pseudonyms. */
export interface Person {
  avatar: Pseudonym
  map: MapName
  kind: 'zone' | 'instance'
  guild: Pseudonym | undefined
  party: Pseudonym | undefined
  languages: readonly Language[]
  /** Friends who are in the world. Friendship is mutual: the one who comes later names it. */
  friends: readonly Pseudonym[]
}

/** `here`: the character is there from now on, as it is described; it came, travelled, or joined or left a guild or a party. */
export type PopulationEvent = { at: Instant } & ({ here: Person } | { left: Pseudonym })

export interface ChunkContent {
  /** Everybody who was in the world at the beginning; undefined: as the chunk before ended. */
  everybody: Person[] | undefined
  events: PopulationEvent[]
}

const zip = promisify(gzip)
const unzip = promisify(gunzip)

/** Rows of values without names: about 40 % of the bytes, compressed. Pseudonyms are random, which leaves 8 bytes for each new one. */
type PersonRow = [avatar: string, map: string, instance: 0 | 1, guild: string, party: string, languages: string, friends: string]
type EventRow = [afterMs: number, ...PersonRow] | [afterMs: number, avatar: string]

/** `from`: the beginning of the chunk, from which its times count. */
export async function packChunk({ everybody, events }: ChunkContent, from: Instant): Promise<Uint8Array> {
  const rows = events.map((event): EventRow => ('left' in event ? [event.at - from, event.left] : [event.at - from, ...rowOf(event.here)]))
  return zip(JSON.stringify({ everybody: everybody?.map(rowOf), events: rows }))
}

/** `from`: as in `packChunk`. Only chunks that an orchestrator stored are read. */
export async function unpackChunk(packed: Uint8Array, from: Instant): Promise<ChunkContent> {
  const { everybody, events } = JSON.parse((await unzip(packed)).toString()) as { everybody?: PersonRow[]; events: EventRow[] } // written by packChunk
  return {
    everybody: everybody?.map(personOf),
    events: events.map(([after, ...rest]): PopulationEvent => {
      const [avatar, map] = rest
      return map === undefined ? { at: from + after, left: avatar } : { at: from + after, here: personOf(rest as PersonRow) } // a row with a map is a person's
    }),
  }
}

function rowOf({ avatar, map, kind, guild, party, languages, friends }: Person): PersonRow {
  return [avatar, map, kind === 'zone' ? 0 : 1, guild ?? '', party ?? '', languages.join(' '), friends.join(' ')]
}

function personOf([avatar, map, instance, guild, party, languages, friends]: PersonRow): Person {
  return {
    ...{ avatar, map, kind: instance === 1 ? 'instance' : 'zone', guild: guild || undefined, party: party || undefined },
    languages: languages.split(' '),
    friends: friends === '' ? [] : friends.split(' '),
  }
}
