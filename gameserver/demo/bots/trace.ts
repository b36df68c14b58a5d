import { createReadStream, existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { createGunzip } from 'node:zlib'
import type { MapName } from '../../../model/ids.ts'
import { seededRandom } from '../../../model/random.ts'
import { type Agenda, languageAt, type Visit } from './agenda.ts'

const HEADER = 'realm,avatar,guild,zone,t0,t1'
/** A row is a run of samples, this far apart. */
const SAMPLE_SECONDS = 600
/** Whoever is there when the recording begins did not come in that second: they come over so long, and then it begins. */
const LEAD_IN_MS = 15_000
/** Two who changed zone in the same sample, into the same zone, so often travel together. */
const COMPANION_CHANGES = 3

export interface TraceOptions {
  file: string
  speed: number
  scale: number
  seed: number
  maps: readonly MapName[]
}

interface Stay {
  zone: number
  first: number
  last: number
}

interface Avatar {
  id: string
  realm: number
  guild: number
  stays: Stay[]
}

/** The agendas of a share of a recorded day's avatars, guilds kept whole; the day's zones share the maps. */
export async function traceAgendas({ file, speed, scale, seed, maps }: TraceOptions): Promise<Agenda[]> {
  const avatars = await readAvatars(file, (guild, avatar) => seededRandom(seed + (guild > 0 ? guild : avatar))() < scale)
  const mapOf = shareMaps(avatars, maps)
  const parties = companionsOf(avatars)
  const sampleMs = (SAMPLE_SECONDS * 1000) / speed
  return avatars.map((avatar) => {
    const random = seededRandom(seed * 31 + Number(avatar.id))
    const party = parties.get(avatar.id)
    return {
      person: {
        name: `A${avatar.id}`,
        language: languageAt(seededRandom(seed + avatar.realm)()),
        friends: [],
        ...(avatar.guild > 0 ? { guild: `Guild ${avatar.guild}` } : {}),
      },
      ...(party === undefined ? {} : { party }),
      visits: visitsOf(avatar.stays, mapOf, sampleMs, random(), random() * LEAD_IN_MS),
    }
  })
}

async function readAvatars(file: string, plays: (guild: number, avatar: number) => boolean): Promise<Avatar[]> {
  if (!existsSync(file)) throw new Error(`there is no trace at ${file}: name a recorded day with --trace FILE`)
  const source = createReadStream(file)
  const avatars = new Map<string, Avatar>()
  let number = 0
  for await (const line of createInterface({ input: file.endsWith('.gz') ? source.pipe(createGunzip()) : source })) {
    if (++number === 1) {
      if (line !== HEADER) throw new Error(`${file} does not begin with "${HEADER}"`)
      continue
    }
    const [realm, id, guild, zone, first, last] = line.split(',').map(Number)
    if (realm === undefined || id === undefined || guild === undefined || zone === undefined || first === undefined || !(last !== undefined && last >= first)) {
      throw new Error(`${file}:${number} is not a row of ${HEADER}`)
    }
    const avatar = avatars.get(String(id))
    if (avatar !== undefined) avatar.stays.push({ zone, first, last })
    else if (plays(guild, id)) avatars.set(String(id), { id: String(id), realm, guild, stays: [{ zone, first, last }] })
  }
  for (const { stays } of avatars.values()) stays.sort((a, b) => a.first - b.first)
  return [...avatars.values()]
}

/** Each zone on one map, the fullest zones first on the map that has least so far: all maps get their part of the day. */
function shareMaps(avatars: readonly Avatar[], maps: readonly MapName[]): (zone: number) => MapName {
  const time = new Map<number, number>()
  for (const { stays } of avatars) for (const { zone, first, last } of stays) time.set(zone, (time.get(zone) ?? 0) + last + 1 - first)
  const load = new Map(maps.map((map) => [map, 0]))
  const mapOf = new Map<number, MapName>()
  for (const [zone, samples] of [...time].sort((a, b) => b[1] - a[1] || a[0] - b[0])) {
    const [map, sum] = [...load].reduce((least, next) => (next[1] < least[1] ? next : least))
    mapOf.set(zone, map)
    load.set(map, sum + samples)
  }
  return (zone) => mapOf.get(zone) ?? maps[0] ?? ''
}

/**
 * A visit ends where the avatar was not seen; a stop, where the map changes. `shift` (0..1) spreads people within a sample; `early` (ms)
 * is when those come who are there from the beginning.
 */
function visitsOf(stays: readonly Stay[], mapOf: (zone: number) => MapName, sampleMs: number, shift: number, early: number): Visit[] {
  const visits: Visit[] = []
  for (const { zone, first, last } of stays) {
    const at = (sample: number): number => LEAD_IN_MS + (sample + shift) * sampleMs
    const [from, until, map] = [first === 0 ? early : at(first), at(last + 1), mapOf(zone)]
    const visit = visits.at(-1)
    if (visit === undefined || from > visit.until) visits.push({ from, until, stops: [{ at: from, map }] })
    else {
      visit.until = Math.max(visit.until, until)
      if (visit.stops.at(-1)?.map !== map) visit.stops.push({ at: from, map })
    }
  }
  return visits
}

/** Pairs who moved together: the day has no parties, but it shows who travels with whom. */
function companionsOf(avatars: readonly Avatar[]): Map<string, string> {
  const changes = new Map<string, string[]>()
  for (const { id, stays } of avatars) {
    stays.forEach(({ zone, first }, index) => {
      const before = stays[index - 1]
      if (before === undefined || before.last + 1 !== first) return
      const key = `${first} ${before.zone} ${zone}`
      changes.set(key, [...(changes.get(key) ?? []), id])
    })
  }
  const together = new Map<string, number>()
  for (const ids of changes.values()) {
    for (const [index, a] of ids.entries()) for (const b of ids.slice(index + 1)) together.set(`${a} ${b}`, (together.get(`${a} ${b}`) ?? 0) + 1)
  }
  const party = new Map<string, string>()
  for (const [pair, times] of [...together].sort((a, b) => b[1] - a[1])) {
    const [a, b] = pair.split(' ')
    if (times < COMPANION_CHANGES || a === undefined || b === undefined || party.has(a) || party.has(b)) continue
    party.set(a, pair)
    party.set(b, pair)
  }
  return party
}
