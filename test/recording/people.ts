import type { CharacterId, GuildId, Language, MapName, PartyId } from '../../model/ids.ts'
import type { Random } from '../../model/random.ts'

/** A character of the played world. */
export interface Player {
  id: CharacterId
  entity: number
  guild: GuildId | undefined
  party: PartyId | undefined
  language: Language
  friends: Set<CharacterId>
  /** Where it wants to be; undefined: offline. */
  wants: MapName | undefined
}

/** Players in guilds of a dozen, friends in and out of the guild, a third of them in parties of three. */
export function makePlayers(count: number, random: Random): Player[] {
  const players = Array.from(
    { length: count },
    (_, index): Player => ({
      id: `player-${index}`,
      entity: index + 1,
      guild: index % 5 === 4 ? undefined : `guild-${Math.floor(index / 12)}`,
      party: index % 9 < 3 ? `party-${Math.floor(index / 9)}` : undefined,
      language: ['de', 'en', 'fr'][Math.floor(random() * 3)] ?? 'de',
      friends: new Set(),
      wants: undefined,
    }),
  )
  for (const [index, player] of players.entries()) {
    for (const other of [players[(index + 1) % count], players[Math.floor(random() * count)]]) {
      if (other === undefined || other === player) continue
      player.friends.add(other.id)
      other.friends.add(player.id)
    }
  }
  return players
}

/** Share of the seconds in which two players of one map become friends. */
const FRIENDSHIPS = 0.1

/** What changes in one second: sessions of some minutes, travel now and then, a new friendship. A party decides together. `share`: of all players, how many are online. */
export function decide(players: readonly Player[], share: number, { maps, random }: { maps: readonly MapName[]; random: Random }): void {
  const groups = Map.groupBy(players, ({ party, id }) => party ?? id)
  const online = players.filter(({ wants }) => wants !== undefined).length
  const missing = share * players.length - online
  const pick = (): MapName => maps[random() < 0.65 ? 0 : 1 + Math.floor(random() * (maps.length - 1))] ?? ''
  for (const group of groups.values()) {
    const present = group[0]?.wants !== undefined
    let wants = group[0]?.wants
    if (!present && random() < Math.max(0.0005, missing / players.length / 10)) wants = pick()
    else if (present && random() < 1 / 600 + Math.max(0, -missing / players.length / 10)) wants = undefined
    else if (present && random() < 1 / 240) wants = pick()
    for (const player of group) player.wants = wants
  }
  if (random() < FRIENDSHIPS) meet(players, random)
}

function meet(players: readonly Player[], random: Random): void {
  const one = players[Math.floor(random() * players.length)]
  const others = players.filter(({ wants, id }) => wants !== undefined && wants === one?.wants && id !== one.id)
  const other = others[Math.floor(random() * others.length)]
  if (one === undefined || other === undefined) return
  one.friends.add(other.id)
  other.friends.add(one.id)
}
