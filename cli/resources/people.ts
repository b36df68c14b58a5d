import { type LinePlace, lineListResponse, playersResponse, type SeatedPlayer } from '../../model/wire/world.ts'
import { age } from '../duration.ts'
import type { Narrowing, Resource } from './resource.ts'

/** A row with the instant of its answer, so that ages need no clock of this machine. */
type At<T> = T & { at: number }

export const players: Resource<At<SeatedPlayer>> = {
  names: ['players', 'player'],
  about: 'characters in the world: who is in which copy',
  needsToken: true,
  columns: [
    { head: 'NAME', of: ({ name }) => name },
    { head: 'MAP', of: ({ map }) => map },
    { head: 'COPY', of: ({ copy }) => copy },
    { head: 'SEAT', of: ({ seat }) => seat },
    { head: 'LANGUAGE', of: ({ language }) => language },
    { head: 'AGE', align: 'right', volatile: true, of: ({ since, at }) => (since === undefined ? '-' : age(at - since)) },
    { head: 'CHARACTER', wide: true, of: ({ character }) => character },
    { head: 'SERVER', wide: true, of: ({ server }) => server },
    { head: 'GUILD', wide: true, of: ({ guild }) => guild ?? '-' },
    { head: 'PARTY', wide: true, of: ({ party }) => party ?? '-' },
  ],
  key: ({ name }) => name,
  read: async (request, narrowing) => {
    const answer = await request({ path: `/v1/players${query(narrowing)}`, answer: playersResponse })
    return answer.players.map((player) => ({ ...player, at: answer.at }))
  },
}

export const line: Resource<At<LinePlace>> = {
  names: ['line'],
  about: 'the first 100 places in line of each map',
  needsToken: true,
  columns: [
    { head: 'MAP', of: ({ map }) => map },
    { head: 'PLACE', align: 'right', of: ({ position }) => String(position) },
    { head: 'CLASS', align: 'right', of: ({ rank }) => String(rank) },
    { head: 'WAITING', align: 'right', volatile: true, of: ({ arrived, at }) => age(at - arrived) },
    { head: 'NAMES', of: ({ characters }) => characters.map(({ name }) => name).join(',') },
    { head: 'PARTY', wide: true, of: ({ party }) => party ?? '-' },
  ],
  key: ({ characters }) => characters[0]?.name ?? '',
  read: async (request, { map }) => {
    const answer = await request({ path: `/v1/line${query(map === undefined ? {} : { map })}`, answer: lineListResponse })
    return answer.places.map((place) => ({ ...place, at: answer.at }))
  },
}

function query(narrowing: Narrowing): string {
  const text = new URLSearchParams({ ...narrowing }).toString()
  return text === '' ? '' : `?${text}`
}
