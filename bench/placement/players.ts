import type { MapName } from '../../model/ids.ts'
import type { PlacementMember, PlacementRequest } from '../../model/placement/placement.ts'
import { PROTOCOL_VERSION } from '../../model/server.ts'

const LANGUAGES = ['en', 'de', 'fr', 'es', 'pl']
const nobody: ReadonlySet<string> = new Set()

function characterAt(map: MapName, n: number): string {
  return `01979e2c-${map}-${n.toString().padStart(8, '0')}`
}

function member(map: MapName, n: number, more: { friends?: ReadonlySet<string>; guild?: string; party?: string } = {}): PlacementMember {
  const { friends = nobody, ...company } = more
  const holder = { character: characterAt(map, n), entity: n + 1, name: `Player ${n}`, language: LANGUAGES[n % LANGUAGES.length] ?? 'en', ...company }
  return { holder, friends, familiar: nobody }
}

/** Requests of players without friends, guild or party. */
export function strangers(map: MapName, count: number): PlacementRequest[] {
  return Array.from({ length: count }, (_, n) => ({ map, members: [member(map, n)], protocol: PROTOCOL_VERSION }))
}

/** Friends per player. */
const FRIENDS = 5
const GUILD_SIZE = 25
const PARTY_SIZE = 4

/** Requests of players with five friends each, in guilds of 25 and parties of four. Members of a party arrive one by one. */
export function companions(map: MapName, count: number): PlacementRequest[] {
  return Array.from({ length: count }, (_, n) => {
    const party = `party-${map}-${Math.floor(n / PARTY_SIZE)}`
    const guild = `guild-${map}-${Math.floor(n / GUILD_SIZE)}`
    // Friends have lower and higher numbers, so that some arrived before this player and some arrive later.
    const friends = new Set(Array.from({ length: FRIENDS }, (_, k) => characterAt(map, (n + (k - 2) * 37 + count) % count)))
    return { map, members: [member(map, n, { friends, guild, party })], party, protocol: PROTOCOL_VERSION }
  })
}

/** Parties that enter together, of `size` members each. */
export function parties(map: MapName, count: number, size: number): PlacementRequest[] {
  return Array.from({ length: count }, (_, n) => {
    const party = `whole-${map}-${n}`
    const members = Array.from({ length: size }, (_member, k) => member(map, n * size + k, { party }))
    return { map, members, party, protocol: PROTOCOL_VERSION }
  })
}
