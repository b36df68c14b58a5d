import { z } from 'zod'
import { eraseAnswer, eraseRequest, exportAnswer } from '../../../model/wire/moderation.ts'
import type { HttpApp } from '../../../service/http.ts'
import { failures } from '../../access/failures.ts'
import { actorIn, serviceGuard } from '../../access/serviceTokens.ts'
import { erase } from '../../moderation/erase.ts'
import type { ModerationRoutes } from './moderationRoutes.ts'

const security = [{ service: [] }]
const params = z.object({ account: z.string().min(1).max(255) })

/** Rights of people over their data: a copy of it, and its erasure (docs/how-to/privacy.md). Both write the audit log. */
export function privacyRoutes(app: HttpApp, { guard, ...moderation }: ModerationRoutes): void {
  const onRequest = serviceGuard(guard, 'privacy')
  const { accounts } = moderation

  app.get(
    '/v1/privacy/accounts/:account',
    {
      onRequest,
      schema: { summary: 'All that is stored about an account and its characters.', security, params, response: { 200: exportAnswer, ...failures } },
    },
    async (request) => {
      const { account } = request.params
      const data = await accounts.exportAccount(account)
      await accounts.audit({ actor: actorIn(request), action: 'export', subject: account })
      return exportAnswer.parse(JSON.parse(JSON.stringify(data)))
    },
  )

  app.post(
    '/v1/privacy/accounts/:account/erase',
    {
      onRequest,
      schema: {
        summary: 'Removes what is personal about an account. The ledger keeps its transactions without a name, and a ban stays.',
        security,
        params,
        body: eraseRequest,
        response: { 200: eraseAnswer, ...failures },
      },
    },
    async (request) => {
      const { account } = request.params
      const characters = await erase(moderation, { actor: actorIn(request), account, reason: request.body.reason })
      for (const character of characters) guard.ownership.forget(account, character)
      return { account, characters: characters.length }
    },
  )
}
