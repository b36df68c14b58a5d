import type { Random } from '../../model/random.ts'
import type { People } from './course.ts'
import type { Avatar, Trace } from './trace.ts'

/**
 * The trace has no parties, friends or languages. They are inferred or drawn here, and only here, from the seed. They do not depend on where anybody
 * is placed.
 *
 * - **Parties**: two or three avatars of one realm who change between the same zones in the same sample at least 3 times. Changes that more than 10
 *   make together are ignored: they are raids or chance. The pairs with most common changes come first; a third joins who changed with both. Each
 *   avatar is in at most one party, for the whole day.
 * - **Friends**: each avatar draws 3 instants of its day, and at each a random avatar of its realm in the same zone. Avatars who share many hours are
 *   therefore likely friends. Friendship is mutual, so an avatar has 5 to 6 friends on average.
 * - **Languages**: five, spoken by 40/25/15/12/8 % of the avatars. Each realm has one: the largest realms choose first, each the language that lacks
 *   most speakers. A guild speaks its realm's language, except one guild in ten, whose language is drawn by the same shares. Members speak their guild's
 *   language. Avatars without a guild speak their realm's, except one in ten.
 */
const LANGUAGES = ['en', 'de', 'fr', 'es', 'pl'] as const
const LANGUAGE_SHARES = [0.4, 0.25, 0.15, 0.12, 0.08]
const OTHER_LANGUAGE_SHARE = 0.1
const MIN_CHANGES_TOGETHER = 3
const MAX_GROUP_SIZE = 10
const FRIEND_DRAWS = 3

export function inferPeople({ avatars }: Trace, random: Random): People {
  return { party: findParties(avatars), friends: drawFriends(avatars, random), language: assignLanguages(avatars, random), languages: LANGUAGES }
}

function findParties(avatars: readonly Avatar[]): Int32Array {
  const together = countTogether(avatars)
  const size = avatars.length
  const frequentPairs = [...together].filter(([, times]) => times >= MIN_CHANGES_TOGETHER).sort(([a, timesA], [b, timesB]) => timesB - timesA || a - b)
  const companions = new Map<number, number[]>()
  const party = new Int32Array(size).fill(-1)
  const members: number[][] = []
  for (const [pair] of frequentPairs) {
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

/** How often each pair of avatars changed zone together. The key is first × number of avatars + second. */
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
    if (group.length > MAX_GROUP_SIZE) continue
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
    const samplesSeen = stays.reduce((sum, { first, last }) => sum + last - first + 1, 0)
    for (let draw = 0; draw < FRIEND_DRAWS; draw++) {
      const { zone, t } = instant(stays, Math.floor(random() * samplesSeen))
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
  const missing = LANGUAGE_SHARES.map((share) => share * avatars.length)
  const ofRealm = new Map<number, number>()
  // A random factor decides the order; otherwise realms of equal size would always get the same languages.
  const order = [...realms].map(([realm, size]) => ({ realm, size: size * (0.5 + random()) })).sort((a, b) => b.size - a.size || a.realm - b.realm)
  for (const { realm } of order) {
    const language = missing.indexOf(Math.max(...missing))
    missing[language] = (missing[language] ?? 0) - (realms.get(realm) ?? 0)
    ofRealm.set(realm, language)
  }
  const ofGuild = new Map<number, number>()
  const drawLanguage = (realm: number): number => (random() < OTHER_LANGUAGE_SHARE ? byShare(random()) : (ofRealm.get(realm) ?? 0))
  return Uint8Array.from(avatars, ({ realm, guild }) => {
    if (guild === 0) return drawLanguage(realm)
    const known = ofGuild.get(guild) ?? drawLanguage(realm)
    ofGuild.set(guild, known)
    return known
  })
}

function byShare(drawn: number): number {
  let sum = 0
  for (const [language, share] of LANGUAGE_SHARES.entries()) {
    sum += share
    if (drawn < sum) return language
  }
  return LANGUAGE_SHARES.length - 1
}
