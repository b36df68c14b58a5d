import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { CopyId, MapName, ServerId } from '../../model/ids.ts'
import { closeRequest, closeResponse, decisionsQuery, decisionsResponse, drainRequest, type StatusResponse, statusResponse } from '../../model/wire/admin.ts'
import { guarded } from '../../service/callers/guarded.ts'
import type { ServiceCallers } from '../../service/callers/serviceCallers.ts'
import type { HttpApp } from '../../service/http.ts'
import type { Store } from '../../store/store.ts'

export interface AdminParts {
  status(): Promise<StatusResponse>
  /** Marks the server as draining; the leader empties it. Throws NOT_FOUND. */
  drain(server: ServerId): Promise<void>
  /** Throws COPY_UNKNOWN. */
  close(copy: CopyId): Promise<{ map: MapName; state: 'closing' | 'removed' }>
  store: Pick<Store, 'decisionsOn'>
  /** Who is an operator. Every route except the status needs one. */
  callers: ServiceCallers
}

/** Routes for operators. The status requires no token, because it contains no data of single players. */
export function adminRoutes(http: HttpApp, { status, drain, close, store, callers }: AdminParts): void {
  const guard = {
    onRequest: guarded('operator', async ({ headers }: FastifyRequest) => void (await callers.callerWith('operator', headers.authorization))),
  }
  // Decisions contain character ids and the copies that they are in.
  http.get('/v1/decisions', { ...guard, schema: { querystring: decisionsQuery, response: { 200: decisionsResponse } } }, async (request) => ({
    decisions: await store.decisionsOn(request.query.map, request.query.limit),
  }))
  http.get('/v1/status', { schema: { response: { 200: statusResponse } } }, () => status())
  http.post(
    '/v1/drain',
    { ...guard, schema: { body: drainRequest, response: { 200: drainRequest.extend({ draining: z.literal(true) }) } } },
    async (request) => {
      const { server } = request.body
      await drain(server)
      return { server, draining: true as const }
    },
  )
  http.post('/v1/close', { ...guard, schema: { body: closeRequest, response: { 200: closeResponse } } }, async (request) => {
    const { copy } = request.body
    return { copy, ...(await close(copy)) }
  })
}
