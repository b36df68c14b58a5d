import { z } from 'zod'
import type { Census } from '../../model/census.ts'
import type { Clock } from '../../model/clock.ts'
import { defined } from '../../model/defined.ts'
import { StrataError } from '../../model/errors.ts'
import type { CopyId, MapName } from '../../model/ids.ts'
import type { Hold } from '../../model/placement/hold.ts'
import type { Policies } from '../../model/policy/policy.ts'
import { hold, holdRequest, liftHoldRequest, reopenRequest, reopenResponse } from '../../model/wire/admin.ts'
import type { HttpApp } from '../../service/http.ts'
import type { AuditEntry } from '../../store/accounts/accounts.ts'
import { type AdminGuard, actorIn } from '../access/adminGuard.ts'
import { copyIn } from '../live/copyPage.ts'
import type { HoldKeeper } from './holdKeeper.ts'

export interface HoldParts {
  holds: HoldKeeper
  census: () => Census
  policies: () => Policies
  /** Throws COPY_UNKNOWN, COPY_NOT_CLOSING. */
  reopen(copy: CopyId, reason: string): Promise<{ map: MapName }>
  newId: () => string
  clock: Clock
  guard: AdminGuard
  audit(entry: AuditEntry): Promise<void>
}

/** Orders of operators that last: no merges of a map, no closing of a copy. And what undoes a closing. */
export function holdRoutes(http: HttpApp, { holds, census, policies, reopen, newId, clock, guard, audit }: HoldParts): void {
  const operator = guard.for('operator')
  http.post('/v1/holds', { ...operator, schema: { body: holdRequest, response: { 200: hold } } }, async (request) => {
    const { map, copy, minutes, reason } = request.body
    if (!policies().has(map)) throw new StrataError('MAP_UNKNOWN', { map })
    if (copy !== undefined && copyIn(census(), copy)?.copy.map !== map) throw new StrataError('COPY_UNKNOWN', { copy })
    const actor = actorIn(request)
    const made: Hold = defined({ id: newId(), map, copy, until: clock.now() + minutes * 60_000, actor, reason })
    await audit({ actor, action: copy === undefined ? 'hold merges' : 'pin', subject: copy ?? map, reason, details: { minutes } })
    await holds.add(made)
    return made
  })
  http.post(
    '/v1/holds/:id/lift',
    { ...operator, schema: { params: z.object({ id: z.string().min(1).max(64) }), body: liftHoldRequest, response: { 200: hold } } },
    async (request) => {
      const lifted = await holds.lift(request.params.id)
      await audit({ actor: actorIn(request), action: 'lift hold', subject: lifted.copy ?? lifted.map, reason: request.body.reason })
      return lifted
    },
  )
  http.post('/v1/reopen', { ...operator, schema: { body: reopenRequest, response: { 200: reopenResponse } } }, async (request) => {
    const { copy, reason } = request.body
    await audit({ actor: actorIn(request), action: 'reopen', subject: copy, reason })
    return { copy, ...(await reopen(copy, reason)) }
  })
}
