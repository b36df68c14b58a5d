import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { z } from 'zod'
import { type CopyStatus, decisionsResponse, type StatusResponse, statusResponse } from '../../model/wire/admin.ts'
import { lineListResponse, playersResponse } from '../../model/wire/world.ts'

/** The instant of every answer and of the clock of the golden tests. */
export const NOW = Date.UTC(2026, 10, 21, 7, 39, 47)

const copy = (id: string, rest: Partial<CopyStatus> = {}): CopyStatus => ({
  ...{ map: id.split('-', 1)[0] ?? '', copy: id, state: 'open', server: 'overworld-a', players: 0, held: 0, soft: 40, hard: 50, ageMs: 65_000 },
  ...rest,
})
export const status: StatusResponse = {
  leader: true,
  at: NOW,
  copies: [
    copy('forest-1', { players: 38, held: 4, ageMs: 7_325_000 }),
    copy('forest-2', { players: 3, server: 'overworld-b', state: 'closing' }),
    copy('hills-1', { state: 'opening', ageMs: 2_000 }),
  ],
  servers: [
    { id: 'overworld-a', fleet: 'overworld', state: 'Allocated', address: 'ws://10.0.0.1:7000', copies: 2, rooms: 6, draining: false },
    { id: 'overworld-b', fleet: 'overworld', state: 'Allocated', address: 'ws://10.0.0.2:7000', copies: 1, rooms: 6, draining: true },
  ],
  maps: [
    { map: 'forest', players: 41, waiting: 7, policyVersion: '3b98a2bb' },
    { map: 'hills', players: 0, waiting: 0, policyVersion: '458d98a2', policyError: 'fleets/hills.yaml:6:14 spec.capacity.soft: must not be above 36' },
  ],
  totals: { copiesOpened: 5, copiesMerged: 1, movesOrdered: 20, seatsOverHardCap: 0, partySplits: 0 },
}
const players: z.infer<typeof playersResponse> = {
  at: NOW,
  total: 3,
  players: [
    {
      ...{ character: 'c-1', name: 'Ada 1', map: 'forest', copy: 'forest-1', server: 'overworld-a', seat: 'taken', language: 'de' },
      since: NOW - 90_000,
      guild: 'g-1',
      party: 'p-1',
    },
    { ...{ character: 'c-2', name: 'Bela 2', map: 'forest', copy: 'forest-1', server: 'overworld-a', seat: 'held', language: 'en' }, party: 'p-1' },
    { ...{ character: 'c-3', name: 'Cato 3', map: 'forest', copy: 'forest-2', server: 'overworld-b', seat: 'taken', language: 'de' }, since: NOW - 4_000 },
  ],
}
const line: z.infer<typeof lineListResponse> = {
  at: NOW,
  places: [
    { map: 'forest', position: 1, rank: 0, arrived: NOW - 61_000, characters: [{ character: 'c-4', name: 'Dora 4' }] },
    {
      map: 'forest',
      position: 2,
      rank: 1,
      arrived: NOW - 5_000,
      characters: [
        { character: 'c-5', name: 'Emil 5' },
        { character: 'c-6', name: 'Fay 6' },
      ],
      party: 'p-2',
    },
  ],
}
const decisions: z.infer<typeof decisionsResponse> = {
  decisions: [
    {
      ...{ id: 'd-2', at: NOW - 3_000, kind: 'close', map: 'forest', copy: 'forest-2', characters: [], policyVersion: '3b98a2bb', candidates: [], inputs: {} },
      reason: 'merge: 3 players fit into forest-1',
    },
    {
      ...{
        id: 'd-1',
        at: NOW - 90_000,
        kind: 'place',
        map: 'forest',
        copy: 'forest-1',
        characters: ['c-1'],
        policyVersion: '3b98a2bb',
        candidates: [],
        inputs: {},
      },
      reason: 'Ada 1 asked to enter forest',
    },
  ],
}

/** The admin API of an orchestrator whose world never changes, so that outputs can be compared with files. The answers satisfy the schemas of the real one. */
export async function fixedOrchestrator(): Promise<{ url: string } & AsyncDisposable> {
  const answers: Record<string, unknown> = {
    '/v1/status': statusResponse.parse(status),
    '/v1/players': playersResponse.parse(players),
    '/v1/line': lineListResponse.parse(line),
    '/v1/decisions?map=forest': decisionsResponse.parse(decisions),
    '/v1/decisions?map=hills': { decisions: [] },
  }
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost')
    const map = pathname === '/v1/decisions' ? `?map=${searchParams.get('map')}` : ''
    let answer = answers[`${pathname}${map}`]
    const ofCopy = searchParams.get('copy')
    if (pathname === '/v1/players' && ofCopy !== null) answer = { ...players, players: players.players.filter((one) => one.copy === ofCopy) }
    response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' }).end(JSON.stringify(answer ?? {}))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // it listens on a port, not on a pipe
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}
