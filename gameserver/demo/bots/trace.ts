import { createReadStream, existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { createGunzip } from 'node:zlib'
import { defined } from '../../../model/defined.ts'
import type { MapName } from '../../../model/ids.ts'
import { type Random, seededRandom } from '../../../model/random.ts'
import { languageAt, type Schedule, type Visit } from './schedule.ts'

const HEADER = 'realm,avatar,guild,zone,t0,t1'
/** Seconds between two samples of the recording. A row covers a run of consecutive samples. */
const SAMPLE_SECONDS = 600
/** Time in ms before the recording starts. Avatars that are online in its first sample log in during this time, instead of all at once. */
const LEAD_IN_MS = 15_000
/** Two avatars that made this many zone changes together (same sample, same zones) count as a party. */
const COMPANION_CHANGES = 3
/** Moments of its day at which an avatar meets a friend. Friendship is mutual, so that an avatar has twice as many friends on average. */
const FRIENDS_MET = 2

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

/** Schedules for a share of the avatars of a recorded day. Guilds are taken as a whole, and the recorded zones are distributed over the maps. */
export async function traceSchedules({ file, speed, scale, seed, maps }: TraceOptions): Promise<Schedule[]> {
  const avatars = await readAvatars(file, (guild, avatar) => seededRandom(seed + (guild > 0 ? guild : avatar))() < scale)
  const mapOf = shareMaps(avatars, maps)
  const parties = companionsOf(avatars)
  const friends = friendsOf(avatars, mapOf, seededRandom(seed))
  const sampleMs = (SAMPLE_SECONDS * 1000) / speed
  return avatars.map((avatar) => {
    const random = seededRandom(seed * 31 + Number(avatar.id))
    return {
      person: {
        name: `A${avatar.id}`,
        language: languageAt(seededRandom(seed + avatar.realm)()),
        friends: [...(friends.get(avatar.id) ?? [])].map((id) => `A${id}`),
        ...(avatar.guild > 0 ? { guild: `Guild ${avatar.guild}` } : {}),
      },
      ...defined({ party: parties.get(avatar.id) }),
      visits: visitsOf(avatar.stays, { mapOf, sampleMs, shift: random(), loginAt: random() * LEAD_IN_MS }),
    }
  })
}

async function readAvatars(file: string, plays: (guild: number, avatar: number) => boolean): Promise<Avatar[]> {
  if (!existsSync(file)) throw new Error(`there is no trace file ${file}: name a recorded day with --trace FILE`)
  const source = createReadStream(file)
  const avatars = new Map<string, Avatar>()
  let number = 0
  for await (const line of createInterface({ input: file.endsWith('.gz') ? source.pipe(createGunzip()) : source })) {
    if (++number === 1) {
      if (line !== HEADER) throw new Error(`${file} is not a trace: its first line must be "${HEADER}"`)
      continue
    }
    const [realm, id, guild, zone, first, last] = line.split(',').map(Number)
    if (realm === undefined || id === undefined || guild === undefined || zone === undefined || first === undefined || !(last !== undefined && last >= first)) {
      throw new Error(`${file}:${number} is not a valid row: write six numbers (${HEADER}) with t1 >= t0`)
    }
    const avatar = avatars.get(String(id))
    if (avatar !== undefined) avatar.stays.push({ zone, first, last })
    else if (plays(guild, id)) avatars.set(String(id), { id: String(id), realm, guild, stays: [{ zone, first, last }] })
  }
  for (const { stays } of avatars.values()) stays.sort((a, b) => a.first - b.first)
  return [...avatars.values()]
}

/** Assigns each zone to one map, most populated zones first, always to the map with the least population so far. */
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

interface VisitTiming {
  mapOf: (zone: number) => MapName
  sampleMs: number
  /** Position within a sample (0..1), so that avatars do not all act at the start of a sample. */
  shift: number
  /** Login time in ms of an avatar that is online in the first sample. */
  loginAt: number
}

/** Turns the stays of an avatar into visits. A visit ends at the first sample without the avatar; a stop ends when the map changes. */
function visitsOf(stays: readonly Stay[], { mapOf, sampleMs, shift, loginAt }: VisitTiming): Visit[] {
  const visits: Visit[] = []
  for (const { zone, first, last } of stays) {
    const at = (sample: number): number => LEAD_IN_MS + (sample + shift) * sampleMs
    const [from, until, map] = [first === 0 ? loginAt : at(first), at(last + 1), mapOf(zone)]
    const visit = visits.at(-1)
    if (visit === undefined || from > visit.until) visits.push({ from, until, stops: [{ at: from, map }] })
    else {
      visit.until = Math.max(visit.until, until)
      if (visit.stops.at(-1)?.map !== map) visit.stops.push({ at: from, map })
    }
  }
  return visits
}

/** At drawn moments of its day, each avatar meets one that is on the same map then. The recording has no friends, so this is how they are drawn. */
function friendsOf(avatars: readonly Avatar[], mapOf: (zone: number) => MapName, random: Random): Map<string, Set<string>> {
  const momentsOf = ({ stays }: Avatar): string[] =>
    stays.flatMap(({ zone, first, last }) => Array.from({ length: last - first + 1 }, (_, after) => `${first + after} ${mapOf(zone)}`))
  const there = new Map<string, string[]>()
  for (const avatar of avatars) for (const moment of momentsOf(avatar)) there.set(moment, [...(there.get(moment) ?? []), avatar.id])
  const friends = new Map(avatars.map(({ id }) => [id, new Set<string>()]))
  const draw = (list: readonly string[]): string => list[Math.floor(random() * list.length)] ?? ''
  for (const avatar of avatars) {
    const moments = momentsOf(avatar)
    for (let n = 0; n < FRIENDS_MET; n++) {
      const met = draw(there.get(draw(moments)) ?? [])
      if (met === avatar.id || met === '') continue
      friends.get(avatar.id)?.add(met)
      friends.get(met)?.add(avatar.id)
    }
  }
  return friends
}

/** Pairs of avatars that travelled together. The recording has no parties, so this is how they are inferred. */
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
