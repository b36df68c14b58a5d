import type { CopyStatus, StatusResponse } from '../../model/wire/admin.ts'
import { statusResponse } from '../../model/wire/admin.ts'
import { age } from '../duration.ts'
import type { AskOrchestrator } from '../orchestratorOptions.ts'
import type { Resource } from './resource.ts'

export type ServerStatus = StatusResponse['servers'][number] & { players: number }
export type MapStatus = StatusResponse['maps'][number] & { copies: number }

const statusOf = (request: AskOrchestrator): Promise<StatusResponse> => request({ path: '/v1/status', answer: statusResponse })

export const copies: Resource<CopyStatus> = {
  names: ['copies', 'copy'],
  about: 'running rooms of maps, with their population',
  needsToken: false,
  columns: [
    { head: 'NAME', of: ({ copy }) => copy },
    { head: 'MAP', of: ({ map }) => map },
    { head: 'STATE', of: ({ state }) => state },
    { head: 'PLAYERS', align: 'right', of: ({ players, hard }) => `${players}/${hard === 0 ? '?' : hard}` },
    { head: 'HELD', align: 'right', of: ({ held }) => String(held) },
    { head: 'AGE', align: 'right', volatile: true, of: ({ ageMs }) => age(ageMs) },
    { head: 'SERVER', wide: true, of: ({ server }) => server },
    { head: 'SOFT', wide: true, align: 'right', of: ({ soft }) => String(soft) },
    { head: 'HARD', wide: true, align: 'right', of: ({ hard }) => String(hard) },
  ],
  key: ({ copy }) => copy,
  read: async (request, { map, server }) =>
    (await statusOf(request)).copies.filter((copy) => (map === undefined || copy.map === map) && (server === undefined || copy.server === server)),
}

export const servers: Resource<ServerStatus> = {
  names: ['servers', 'server'],
  about: 'game-server processes, with the copies that they host',
  needsToken: false,
  columns: [
    { head: 'NAME', of: ({ id }) => id },
    { head: 'FLEET', of: ({ fleet }) => fleet },
    { head: 'STATE', of: ({ state, draining }) => (draining ? `${state},draining` : state) },
    { head: 'COPIES', align: 'right', of: (one) => `${one.copies}/${one.rooms}` },
    { head: 'PLAYERS', align: 'right', of: ({ players }) => String(players) },
    { head: 'ADDRESS', wide: true, of: ({ address }) => (address === '' ? '-' : address) },
  ],
  key: ({ id }) => id,
  read: async (request) => serversIn(await statusOf(request)),
}

export const maps: Resource<MapStatus> = {
  names: ['maps', 'map'],
  about: 'maps with their policy, players and line',
  needsToken: false,
  columns: [
    { head: 'NAME', of: ({ map }) => map },
    { head: 'COPIES', align: 'right', of: (one) => String(one.copies) },
    { head: 'PLAYERS', align: 'right', of: ({ players }) => String(players) },
    { head: 'WAITING', align: 'right', of: ({ waiting }) => String(waiting) },
    { head: 'POLICY', of: ({ policyVersion }) => policyVersion },
    { head: 'VALID', of: ({ policyError }) => (policyError === undefined ? 'yes' : 'no') },
    { head: 'PROBLEM', wide: true, of: ({ policyError }) => policyError ?? '-' },
  ],
  key: ({ map }) => map,
  read: async (request, { map }) => mapsIn(await statusOf(request)).filter((one) => map === undefined || one.map === map),
}

export function serversIn({ servers: all, copies: hosted }: StatusResponse): ServerStatus[] {
  return all.map((one) => ({ ...one, players: hosted.filter(({ server }) => server === one.id).reduce((sum, copy) => sum + copy.players, 0) }))
}

function mapsIn({ maps: all, copies: running }: StatusResponse): MapStatus[] {
  return all.map((one) => ({ ...one, copies: running.filter(({ map }) => map === one.map).length }))
}
