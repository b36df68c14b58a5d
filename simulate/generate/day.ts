import type { Random } from '../../model/random.ts'
import type { Avatar, Trace, Zone } from '../population/trace.ts'
import { type DayKind, dayKinds, type Shape } from './kinds.ts'

/** Kind and size of a generated day. The command's defaults are a third of the recorded day. */
export interface DayOptions {
  kind: DayKind
  /** Players online at the peak, approximately. */
  players: number
  realms: number
  /** Names of the layered maps, busiest first. Default: a capital and 39 lands. */
  maps?: readonly string[]
  /** What differs from the recorded day; each is 1 by default. */
  factors?: Factors
  random: Random
}

/** Properties of a generated day, as factors of the recorded day's. */
export interface Factors {
  /** How often a player logs in, out and travels. */
  churn?: number
  /** Members of a guild. */
  guilds?: number
  /** Peak over the mean of the day: 0 is a day without night, 2 has an empty night. */
  peak?: number
}

export const factorNames = ['churn', 'guilds', 'peak'] as const satisfies (keyof Factors)[]

/** Samples per day, ten minutes each, noon to noon as in the recorded day. */
const SAMPLES = 144
const INVENTED_MAPS = ['Capital', ...Array.from({ length: 39 }, (_, i) => `Land ${i + 2}`)]
/** Session length in samples, log-normal: median 65 minutes, mean about 110 (published measurements of MMO sessions: median 60–70, mean 99–129). */
const SESSION_MEDIAN_SAMPLES = 6.5
const SESSION_SPREAD = 1
/** Probability that a player changes zone in one sample of ten minutes (measured: 0.17–0.29). */
const TRAVEL_PROBABILITY = 0.25
/** Share of players in a guild, and share of their zone changes that follow a guild-mate (measured: 48–69 % of guild-mates online share a zone). */
const GUILD_SHARE = 0.78
const FOLLOW_SHARE = 0.45
/** Guilds of a realm. */
const GUILDS = 60
/** Least share of the peak that is online, however deep the night. */
const LEAST_ONLINE = 0.02
/** New players start in this many zones, the first ones. */
const NEWCOMER_ZONES = 5

/** Generates a day with the statistics of recorded ones. The same options and seed give the same day. */
export function generateDay({ kind, players, realms, maps = INVENTED_MAPS, factors = {}, random }: DayOptions): Trace {
  const { churn = 1, guilds: guildSize = 1, peak = 1 } = factors
  const shape: Shape = dayKinds[kind]
  const zones = new Map(maps.map((name, i): [number, Zone] => [i + 1, { id: i + 1, name, kind: i === 0 ? 'city' : 'open' }]))
  const popularity = [...zones.values()].map((_, index) => 1 / (index + 1.5))
  const avatars: Avatar[] = []
  const online: Player[] = []
  let guildSerial = 0
  const realmGuilds = Array.from({ length: realms }, () => ({
    size: 0.5 + random(),
    guilds: Array.from({ length: Math.max(1, Math.round(GUILDS / guildSize)) }, () => ++guildSerial),
  }))
  const logIn = (t: number, newcomer: boolean): void => {
    const realm = pick(
      realmGuilds.map(({ size }) => size),
      random,
    )
    const guilds = realmGuilds[realm]?.guilds ?? []
    // The square skews the draw: a few big guilds, many small ones.
    const guild = random() < GUILD_SHARE && !newcomer ? (guilds[Math.floor(guilds.length * random() ** 2)] ?? 0) : 0
    const avatar: Avatar = { id: String(avatars.length + 1), realm: realm + 1, guild, stays: [] }
    avatars.push(avatar)
    const length = Math.max(1, Math.round((SESSION_MEDIAN_SAMPLES / churn) * Math.exp(SESSION_SPREAD * normal(random))))
    online.push({ avatar, zone: newcomer ? Math.floor(random() * Math.min(NEWCOMER_ZONES, zones.size)) : pick(popularity, random), until: t + length })
  }
  for (let t = 0; t < SAMPLES; t++) {
    logOut(online, t, shape, random)
    const wanted = Math.round(players * Math.max(LEAST_ONLINE, 1 - peak * (1 - shape.online(t / SAMPLES))))
    while (online.length < wanted) logIn(t, random() < shape.newcomers)
    travel(online, { sample: t, shape, popularity, probability: Math.min(1, TRAVEL_PROBABILITY * churn), random })
    for (const { avatar, zone } of online) stay(avatar, zone + 1, t)
  }
  return { avatars: avatars.filter(({ stays }) => stays.length > 0), zones, samples: SAMPLES }
}

interface Player {
  avatar: Avatar
  zone: number
  until: number
}

function logOut(online: Player[], t: number, { cut }: Shape, random: Random): void {
  const cutting = cut?.(t) ?? 0
  for (let i = online.length - 1; i >= 0; i--) {
    if ((online[i]?.until ?? 0) > t && random() >= cutting) continue
    const last = online.pop()
    if (last !== undefined && i < online.length) online[i] = last
  }
}

interface TravelOptions {
  sample: number
  shape: Shape
  popularity: readonly number[]
  probability: number
  random: Random
}

function travel(online: readonly Player[], { sample, shape, popularity, probability, random }: TravelOptions): void {
  const mates = Map.groupBy(online, ({ avatar }) => avatar.guild)
  const event = shape.event?.(sample)
  for (const player of online) {
    if (event !== undefined && player.zone !== event.zone && random() < event.share) player.zone = event.zone
    if (event !== undefined && player.zone === event.zone && random() > 0.05) continue
    if (random() >= probability) continue
    const others = player.avatar.guild === 0 ? [] : (mates.get(player.avatar.guild) ?? [])
    const followed = others[Math.floor(random() * others.length)]
    player.zone = followed !== undefined && random() < FOLLOW_SHARE ? followed.zone : pick(popularity, random)
  }
}

function stay({ stays }: Avatar, zone: number, t: number): void {
  const last = stays.at(-1)
  if (last !== undefined && last.zone === zone && last.last === t - 1) last.last = t
  else stays.push({ zone, first: t, last: t })
}

function pick(weights: readonly number[], random: Random): number {
  let left = random() * weights.reduce((sum, weight) => sum + weight, 0)
  for (const [index, weight] of weights.entries()) {
    left -= weight
    if (left < 0) return index
  }
  return weights.length - 1
}

function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}
