import type { Census } from '../../model/census.ts'
import { defined } from '../../model/defined.ts'
import type { PlayersQuery, SeatedPlayer } from '../../model/wire/world.ts'

/** Who has a seat, by map, copy and name. A character on a move has two rows: the taken seat and the held one. */
export function seatedPlayers({ maps }: Census, { map, copy, server, name, limit }: PlayersQuery): { total: number; players: SeatedPlayer[] } {
  const wanted = name?.toLowerCase()
  const players: SeatedPlayer[] = []
  for (const { copies, map: ofMap } of maps.values()) {
    if (map !== undefined && ofMap !== map) continue
    for (const { copy: own, seats } of copies.values()) {
      if ((copy !== undefined && own.id !== copy) || (server !== undefined && own.server !== server)) continue
      for (const seat of seats.values()) {
        if (wanted !== undefined && seat.name.toLowerCase() !== wanted && seat.character !== name) continue
        const { character, language, guild, party } = seat
        const since = seat.state === 'taken' ? seat.since : undefined
        players.push(defined({ character, name: seat.name, map: ofMap, copy: own.id, server: own.server, seat: seat.state, since, language, guild, party }))
      }
    }
  }
  const key = (one: SeatedPlayer): string => `${one.map} ${one.copy} ${one.name}`
  players.sort((a, b) => (key(a) < key(b) ? -1 : 1))
  return { total: players.length, players: players.slice(0, limit) }
}
