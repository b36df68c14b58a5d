import { z } from 'zod'
import { auditResponse, historyResponse, rollbackRequest, rollbackResponse } from '../../../model/wire/economy.ts'
import type { HttpApp } from '../../../service/http.ts'
import { failures } from '../../access/failures.ts'
import { actorIn, serviceGuard } from '../../access/serviceTokens.ts'
import { type EconomyRoutes, keyOf } from './economyRequest.ts'

const security = [{ operator: [] }]
const params = z.object({ transaction: z.string().min(1).max(64) })

/** Operator routes: history of a transaction, rollback, and the audit of the ledger. */
export function refundRoutes(app: HttpApp, { economy, guard }: EconomyRoutes): void {
  const onRequest = serviceGuard(guard, 'operator')

  app.get(
    '/v1/transactions/:transaction',
    {
      onRequest,
      schema: { summary: 'A transaction and the transactions that followed from it.', security, params, response: { 200: historyResponse, ...failures } },
    },
    (request) => economy.history(request.params.transaction),
  )

  app.post(
    '/v1/transactions/:transaction/rollback',
    {
      onRequest,
      schema: {
        summary: 'Reverses one transaction by another. Refused, with a list of the later transactions, when its items or money have moved on.',
        security,
        params,
        body: rollbackRequest,
        response: { 200: rollbackResponse, ...failures },
      },
    },
    async (request) => economy.rollback(keyOf(request, actorIn(request)), request.params.transaction, request.body.reason),
  )

  app.get(
    '/v1/audit',
    {
      onRequest,
      schema: { summary: 'Rebuilds all balances and inventories from the log and compares.', security, response: { 200: auditResponse, ...failures } },
    },
    () => economy.audit(),
  )
}
