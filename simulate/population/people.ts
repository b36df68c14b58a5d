import type { Random } from '../../model/random.ts'
import type { Avatar, Trace } from './trace.ts'

/**
 * Parties, friends and languages: the trace has none of them, so they are inferred or drawn here, and only here, from the
 * seed. Everything is as large as the trace allows and nothing depends on where anybody is placed.
 *
 * - **Parties** are companions: two or three of a realm who change zone in the same sample, between the same zones, at
 *   least 3 times (changes that more than 10 make together are a raid's or chance, and do not count). The pairs that do it most
 *   often come first; a third joins when it was with both. Everybody is in one party at most, for the whole day.
 * - **Friends** are drawn from people met: each avatar draws 3 times an instant of its day and then somebody of its realm who was
 *   in the same zone at that instant, so that who shares many hours is likely. Friendship is mutual, hence 5 to 6 on average.
 * - **Languages**: five, spoken by 40/25/15/12/8 % of the avatars. Each realm has one (largest realms first, each to the language
 *   that lacks most). A guild speaks its realm's language, but one guild in ten is of another language, drawn by the same
 *   shares; members speak their guild's, those without a guild their realm's, except one in ten.
 */
export interface People {
  /** Index of the party of each avatar, -1 for none. */
  party: Int32Array
  /** Friends of each avatar, by index. */
  friends: number[][]
  /** Index of the language of each avatar. */
  language: Uint8Array
}

export const LANGUAGES = ['en', 'de', 'fr', 'es', 'pl'] as const
const SHARES = [0.4, 0.25, 0.15, 0.12, 0.08]
const ELSEWHERE = 0.1
const COMPANION_CHANGES = 3
const CROWD = 10
const FRIEND_DRAWS = 3

export function inferPeople({ avatars }: Trace, random: Random): People {
  return { party: findParties(avatars), friends: drawFriends(avatars, random), language: assignLanguages(avatars, random) }
}

function findParties(avatars: readonly Avatar[]): Int32Array {
  const together = countTogether(avatars)
  const size = avatars.length
  const often = [...together].filter(([, times]) => times >= COMPANION_CHANGES).sort(([a, timesA], [b, timesB]) => timesB - timesA || a - b)
  const companions = new Map<number, number[]>()
  const party = new Int32Array(size).fill(-1)
  const members: number[][] = []
  for (const [pair] of often) {
    const [a, b] = [Math.floor(pair / size), pair % size]
    companions.set(a, [...(companions.get(a) ?? []), b])
    companions.set(b, [...(companions.get(b) ?? []), a])
    if (party[a] !== -1 || party[b] !== -1) continue
    party[a] = party[b] = members.length
    members.push([a, b])
  }
  for (const [index, [a, b]] of members.entries()) {
    if (a === undefined || b === undefined) continue
    const third = companions.get(a)?.find((one) => party[one] === -1 && companions.get(b)?.includes(one))
    if (third !== undefined) party[third] = index
  }
  return party
}

/** Pairs (first × number of avatars + second) and how often they changed zone together. */
function countTogether(avatars: readonly Avatar[]): Map<number, number> {
  const changes = new Map<string, number[]>()
  for (const [index, { realm, stays }] of avatars.entries()) {
    for (let i = 1; i < stays.length; i++) {
      const [from, to] = [stays[i - 1], stays[i]]
      if (from === undefined || to === undefined || from.last + 1 !== to.first) continue
      const key = `${realm} ${to.first} ${from.zone} ${to.zone}`
      const group = changes.get(key)
      if (group === undefined) changes.set(key, [index])
      else group.push(index)
    }
  }
  const together = new Map<number, number>()
  for (const group of changes.values()) {
    if (group.length > CROWD) continue
    for (const a of group) for (const b of group) if (a < b) together.set(a * avatars.length + b, (together.get(a * avatars.length + b) ?? 0) + 1)
  }
  return together
}

function drawFriends(avatars: readonly Avatar[], random: Random): number[][] {
  const present = new Map<string, number[]>()
  for (const [index, { realm, stays }] of avatars.entries()) {
    for (const { zone, first, last } of stays) {
      for (let t = first; t <= last; t++) {
        const key = `${realm} ${zone} ${t}`
        const there = present.get(key)
        if (there === undefined) present.set(key, [index])
        else there.push(index)
      }
    }
  }
  const friends = avatars.map(() => new Set<number>())
  for (const [index, { realm, stays }] of avatars.entries()) {
    const seen = stays.reduce((sum, { first, last }) => sum + last - first + 1, 0)
    for (let draw = 0; draw < FRIEND_DRAWS; draw++) {
      const { zone, t } = instant(stays, Math.floor(random() * seen))
      const there = present.get(`${realm} ${zone} ${t}`) ?? []
      const met = there[Math.floor(random() * there.length)]
      if (met === undefined || met === index) continue
      friends[index]?.add(met)
      friends[met]?.add(index)
    }
  }
  return friends.map((set) => [...set].sort((a, b) => a - b))
}

function instant(stays: Avatar['stays'], nth: number): { zone: number; t: number } {
  let left = nth
  for (const { zone, first, last } of stays) {
    const length = last - first + 1
    if (left < length) return { zone, t: first + left }
    left -= length
  }
  return { zone: -1, t: -1 }
}

function assignLanguages(avatars: readonly Avatar[], random: Random): Uint8Array {
  const realms = new Map<number, number>()
  for (const { realm } of avatars) realms.set(realm, (realms.get(realm) ?? 0) + 1)
  const lacking = SHARES.map((share) => share * avatars.length)
  const ofRealm = new Map<number, number>()
  // Which realm speaks what is chance: equal sizes would else always fall alike.
  const order = [...realms].map(([realm, size]) => ({ realm, size: size * (0.5 + random()) })).sort((a, b) => b.size - a.size || a.realm - b.realm)
  for (const { realm } of order) {
    const language = lacking.indexOf(Math.max(...lacking))
    lacking[language] = (lacking[language] ?? 0) - (realms.get(realm) ?? 0)
    ofRealm.set(realm, language)
  }
  const ofGuild = new Map<number, number>()
  const spoken = (realm: number): number => (random() < ELSEWHERE ? byShare(random()) : (ofRealm.get(realm) ?? 0))
  return Uint8Array.from(avatars, ({ realm, guild }) => {
    if (guild === 0) return spoken(realm)
    const known = ofGuild.get(guild) ?? spoken(realm)
    ofGuild.set(guild, known)
    return known
  })
}

function byShare(drawn: number): number {
  let sum = 0
  for (const [language, share] of SHARES.entries()) {
    sum += share
    if (drawn < sum) return language
  }
  return SHARES.length - 1
}
