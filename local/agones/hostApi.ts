import { z } from 'zod'
import { StrataError } from '../../model/errors.ts'
import { allocateAnswer, listAnswer } from '../../orchestrator/cluster/local/hostWire.ts'
import { bearerGuard } from '../../service/callers/bearer.ts'
import type { HttpApp } from '../../service/http.ts'
import type { LocalFleet } from './localFleet.ts'
import type { LocalServer } from './localServer.ts'
import { allServers, toGameServer } from './serverList.ts'

/** HTTP API of the fleet host for the orchestrator, and `kill` for tests. Every request needs the token that was created at the start. */
export function hostRoutes(http: HttpApp, fleets: ReadonlyMap<string, LocalFleet>, token: string): void {
  const onRequest = bearerGuard(token)
  const fleetParams = z.object({ fleet: z.string() })
  const serverParams = z.object({ server: z.string() })

  function server(id: string, path: string): LocalServer {
    const found = allServers(fleets).find(({ record }) => record.name === id)
    if (found === undefined) throw new StrataError('NOT_FOUND', { path })
    return found
  }

  http.get('/v1/servers', { onRequest, schema: { response: { 200: listAnswer } } }, () => ({
    servers: allServers(fleets).map(({ record }) => toGameServer(record)),
  }))

  // As with a GameServerAllocation, an unknown fleet is answered with no server.
  http.post('/v1/fleets/:fleet/allocate', { onRequest, schema: { params: fleetParams, response: { 200: allocateAnswer } } }, (request) => {
    const record = fleets.get(request.params.fleet)?.allocate()
    return record === undefined ? {} : { server: toGameServer(record) }
  })

  http.put('/v1/fleets/:fleet/scale', { onRequest, schema: { params: fleetParams, body: z.strictObject({ replicas: z.int().min(0) }) } }, (request) => {
    const fleet = fleets.get(request.params.fleet)
    if (fleet === undefined) throw new StrataError('NOT_FOUND', { path: request.url })
    fleet.scale(request.body.replicas)
    return { replicas: fleet.desired }
  })

  http.post('/v1/servers/:server/give-back', { onRequest, schema: { params: serverParams } }, (request) => {
    const found = allServers(fleets).find(({ record }) => record.name === request.params.server)
    // A server that no longer exists needs no give-back.
    if (found !== undefined) fleets.get(found.record.fleet)?.giveBack(found.record)
    return {}
  })

  http.post('/v1/servers/:server/overflow', { onRequest, schema: { params: serverParams } }, (request) => {
    server(request.params.server, request.url).record.markOverflow()
    return {}
  })

  http.post('/v1/servers/:server/kill', { onRequest, schema: { params: serverParams } }, (request) => {
    server(request.params.server, request.url).kill()
    return {}
  })
}
