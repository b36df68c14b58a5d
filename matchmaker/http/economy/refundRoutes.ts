import { z } from 'zod'
import { auditResponse, historyResponse, rollbackRequest, rollbackResponse } from '../../../model/wire/economy.ts'
import type { HttpApp } from '../../../service/http.ts'
import { actorIn, serviceGuard } from '../../access/serviceTokens.ts'
import { routesFor } from '../route.ts'
import { type EconomyRoutes, keyOf } from './economyRequest.ts'

const params = z.object({ transaction: z.string().min(1).max(64) })

/** Operator routes: history of a transaction, rollback, and the audit of the ledger. */
export function refundRoutes(app: HttpApp, { economy, guard }: EconomyRoutes): void {
  const route = routesFor(serviceGuard(guard, 'operator'), 'operator')

  app.get('/v1/transactions/:transaction', route('A transaction and the transactions that followed from it.', historyResponse, { params }), (request) =>
    economy.history(request.params.transaction),
  )

  app.post(
    '/v1/transactions/:transaction/rollback',
    route('Reverses one transaction by another. Refused, with a list of the later transactions, when its items or money have moved on.', rollbackResponse, {
      params,
      body: rollbackRequest,
    }),
    async (request) => economy.rollback(keyOf(request, actorIn(request)), request.params.transaction, request.body.reason),
  )

  app.get('/v1/audit', route('Rebuilds all balances and inventories from the log and compares.', auditResponse), () => economy.audit())
}
