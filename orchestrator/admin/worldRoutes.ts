import type { Directory } from '../../directory/directory.ts'
import type { Census } from '../../model/census.ts'
import type { Clock } from '../../model/clock.ts'
import { defined } from '../../model/defined.ts'
import type { MapName } from '../../model/ids.ts'
import type { LineEntry } from '../../model/line.ts'
import type { Policies } from '../../model/policy/policy.ts'
import {
  type LinePlace,
  lineListResponse,
  lineQuery,
  moveRequest,
  moveResponse,
  openRequest,
  openResponse,
  playersQuery,
  playersResponse,
  policiesResponse,
} from '../../model/wire/world.ts'
import type { HttpApp } from '../../service/http.ts'
import type { AuditEntry } from '../../store/accounts/accounts.ts'
import { type AdminGuard, actorIn } from '../access/adminGuard.ts'
import type { OperatorOrders } from './operatorOrders.ts'
import { seatedPlayers } from './seatedPlayers.ts'

export interface WorldParts {
  census: () => Census
  policies: () => Policies
  directory: Pick<Directory, 'lineHead'>
  clock: Clock
  orders: OperatorOrders
  guard: AdminGuard
  audit(entry: AuditEntry): Promise<void>
}

/** Routes for operators about single players, and the orders that they give by hand. */
export function worldRoutes(http: HttpApp, { census, policies, directory, clock, orders, guard, audit }: WorldParts): void {
  const operator = guard.for('operator')
  http.get('/v1/players', { ...guard.for('view'), schema: { querystring: playersQuery, response: { 200: playersResponse } } }, (request) => ({
    at: clock.now(),
    ...seatedPlayers(census(), request.query),
  }))
  http.get('/v1/line', { ...operator, schema: { querystring: lineQuery, response: { 200: lineListResponse } } }, async ({ query }) => {
    const [now, maps] = [clock.now(), query.map === undefined ? [...census().maps.keys()].sort() : [query.map]]
    const lines = await Promise.all(maps.map((map) => directory.lineHead(map, query.limit, now)))
    return { at: now, places: lines.flatMap((entries, index) => entries.map((entry, place) => linePlaceOf(maps[index] ?? '', entry, place + 1))) }
  })
  http.get('/v1/policies', { ...operator, schema: { response: { 200: policiesResponse } } }, () => ({
    policies: [...policies().values()].map((policy) => ({ ...policy })),
  }))
  http.post('/v1/open', { ...operator, schema: { body: openRequest, response: { 200: openResponse } } }, async (request) => {
    const { map, reason } = request.body
    await audit({ actor: actorIn(request), action: 'open', subject: map, reason })
    return orders.open(map, reason)
  })
  http.post('/v1/move', { ...operator, schema: { body: moveRequest, response: { 200: moveResponse } } }, async (request) => {
    const { character, copy, reason } = request.body
    await audit({ actor: actorIn(request), action: 'move', subject: character, reason, details: { copy } })
    return orders.move(character, copy, reason)
  })
}

function linePlaceOf(map: MapName, { rank, arrived, holders }: LineEntry, position: number): LinePlace {
  const characters = holders.map(({ character, name }) => ({ character, name }))
  return defined({ map, position, rank, arrived, characters, party: holders[0]?.party })
}
