import { defined } from '../../model/defined.ts'
import type { CopyId, MapName, ServerId } from '../../model/ids.ts'
import {
  closeRequest,
  closeResponse,
  decisionsQuery,
  decisionsResponse,
  drainRequest,
  drainResponse,
  type StatusResponse,
  statusResponse,
} from '../../model/wire/admin.ts'
import type { HttpApp } from '../../service/http.ts'
import type { AuditEntry } from '../../store/accounts/accounts.ts'
import type { Store } from '../../store/store.ts'
import { type AdminGuard, actorIn } from '../access/adminGuard.ts'

export interface AdminParts {
  status(): Promise<StatusResponse>
  /** Marks the server as draining; the leader empties it. Throws NOT_FOUND. */
  drain(server: ServerId): Promise<void>
  /** Throws COPY_UNKNOWN. */
  close(copy: CopyId, reason: string | undefined): Promise<{ map: MapName; state: 'closing' | 'removed' }>
  store: Pick<Store, 'decisionsOn'>
  /** Lets operators in. Every route except the status needs one. */
  guard: AdminGuard
  audit(entry: AuditEntry): Promise<void>
}

/** Routes for operators. The status requires no token, because it contains no data of single players. */
export function adminRoutes(http: HttpApp, { status, drain, close, store, guard, audit }: AdminParts): void {
  const operator = guard.for('operator')
  // Decisions contain character ids and the copies that they are in.
  http.get('/v1/decisions', { ...operator, schema: { querystring: decisionsQuery, response: { 200: decisionsResponse } } }, async (request) => ({
    decisions: await store.decisionsOn(request.query.map, request.query.limit),
  }))
  http.get('/v1/status', { schema: { response: { 200: statusResponse } } }, () => status())
  http.post('/v1/drain', { ...operator, schema: { body: drainRequest, response: { 200: drainResponse } } }, async (request) => {
    const { server, reason } = request.body
    // Written before the act: when the act then fails, the log shows one that the operator has to repeat.
    await audit(defined({ actor: actorIn(request), action: 'drain', subject: server, reason }))
    await drain(server)
    return { server, draining: true as const }
  })
  http.post('/v1/close', { ...operator, schema: { body: closeRequest, response: { 200: closeResponse } } }, async (request) => {
    const { copy, reason } = request.body
    await audit(defined({ actor: actorIn(request), action: 'close', subject: copy, reason }))
    return { copy, ...(await close(copy, reason)) }
  })
}
