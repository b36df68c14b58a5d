import type { Random } from '../../model/random.ts'
import type { Avatar, Trace, Zone } from '../population/trace.ts'
import { type DayKind, dayKinds, type Shape } from './kinds.ts'

/** How big a made-up day is. The defaults are a third of the recorded one. */
export interface DayOptions {
  kind: DayKind
  /** Online at the peak, about. */
  players: number
  realms: number
  random: Random
}

/** Samples of ten minutes, noon to noon, as in the recorded day. */
const SAMPLES = 144
const ZONES = 40
/** Sessions: log-normal with a median of 65 and a mean of about 110 minutes (measured: 60–70 and 99–129, notes/megaservers.md §4.2). */
const SESSION_MEDIAN = 6.5
const SESSION_SPREAD = 1
/** Of ten minutes' samples, how many bring a change of zone (measured: 0.17–0.29). */
const TRAVEL = 0.25
/** Three of four are in a guild; half of the changes of zone follow somebody of it (guild-mates in the same zone: 48–69 %). */
const GUILDED = 0.78
const FOLLOW = 0.45
const NEWCOMER_ZONES = 5

/** A day that nobody recorded, with the statistics of those that were. Same options and seed, same day. */
export function generateDay({ kind, players, realms, random }: DayOptions): Trace {
  const shape = dayKinds[kind]
  const zones = makeZones()
  const popularity = [...zones.values()].map((_, index) => 1 / (index + 1.5))
  const avatars: Avatar[] = []
  const online: Player[] = []
  let guildSerial = 0
  const worlds = Array.from({ length: realms }, () => ({ size: 0.5 + random(), guilds: Array.from({ length: 60 }, () => ++guildSerial) }))
  const born = (t: number, newcomer: boolean): void => {
    const realm = pick(
      worlds.map(({ size }) => size),
      random,
    )
    const guilds = worlds[realm]?.guilds ?? []
    // Zipf: few big guilds, many small ones.
    const guild = random() < GUILDED && !newcomer ? (guilds[Math.floor(guilds.length * random() ** 2)] ?? 0) : 0
    const avatar: Avatar = { id: String(avatars.length + 1), realm: realm + 1, guild, stays: [] }
    avatars.push(avatar)
    const length = Math.max(1, Math.round(SESSION_MEDIAN * Math.exp(SESSION_SPREAD * normal(random))))
    online.push({ avatar, zone: newcomer ? Math.floor(random() * NEWCOMER_ZONES) : pick(popularity, random), until: t + length })
  }
  for (let t = 0; t < SAMPLES; t++) {
    leave(online, t, shape, random)
    const wanted = Math.round(players * shape.online(t / SAMPLES))
    while (online.length < wanted) born(t, random() < shape.newcomers)
    travel(online, t, shape, popularity, random)
    for (const { avatar, zone } of online) stay(avatar, zone + 1, t)
  }
  return { avatars: avatars.filter(({ stays }) => stays.length > 0), zones, samples: SAMPLES }
}

interface Player {
  avatar: Avatar
  zone: number
  until: number
}

function leave(online: Player[], t: number, { cut }: Shape, random: Random): void {
  const cutting = cut?.(t) ?? 0
  for (let i = online.length - 1; i >= 0; i--) {
    if ((online[i]?.until ?? 0) > t && random() >= cutting) continue
    const last = online.pop()
    if (last !== undefined && i < online.length) online[i] = last
  }
}

function travel(online: readonly Player[], t: number, shape: Shape, popularity: readonly number[], random: Random): void {
  const mates = Map.groupBy(online, ({ avatar }) => avatar.guild)
  const event = shape.event?.(t)
  for (const player of online) {
    if (event !== undefined && player.zone !== event.zone && random() < event.share) player.zone = event.zone
    if (event !== undefined && player.zone === event.zone && random() > 0.05) continue
    if (random() >= TRAVEL) continue
    const others = player.avatar.guild === 0 ? [] : (mates.get(player.avatar.guild) ?? [])
    const followed = others[Math.floor(random() * others.length)]
    player.zone = followed !== undefined && random() < FOLLOW ? followed.zone : pick(popularity, random)
  }
}

function stay({ stays }: Avatar, zone: number, t: number): void {
  const last = stays.at(-1)
  if (last !== undefined && last.zone === zone && last.last === t - 1) last.last = t
  else stays.push({ zone, first: t, last: t })
}

function makeZones(): Map<number, Zone> {
  return new Map(Array.from({ length: ZONES }, (_, i) => [i + 1, { id: i + 1, name: i === 0 ? 'Capital' : `Land ${i + 1}`, kind: i === 0 ? 'city' : 'open' }]))
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
