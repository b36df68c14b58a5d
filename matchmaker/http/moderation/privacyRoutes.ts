import { z } from 'zod'
import { eraseAnswer, eraseRequest, exportAnswer } from '../../../model/wire/moderation.ts'
import type { HttpApp } from '../../../service/http.ts'
import { actorIn, serviceGuard } from '../../access/serviceTokens.ts'
import { erase } from '../../moderation/erase.ts'
import { routesFor } from '../route.ts'
import type { ModerationRoutes } from './moderationRoutes.ts'

const params = z.object({ account: z.string().min(1).max(255) })

/** Rights of people over their data: a copy of it, and its erasure (docs/how-to/privacy.md). Both write the audit log. */
export function privacyRoutes(app: HttpApp, { guard, ...moderation }: ModerationRoutes): void {
  const route = routesFor(serviceGuard(guard, 'privacy'), 'service')
  const { accounts } = moderation

  app.get('/v1/privacy/accounts/:account', route('All that is stored about an account and its characters.', exportAnswer, { params }), async (request) => {
    const { account } = request.params
    const data = await accounts.exportAccount(account)
    await accounts.audit({ actor: actorIn(request), action: 'export', subject: account })
    return exportAnswer.parse(JSON.parse(JSON.stringify(data)))
  })

  app.post(
    '/v1/privacy/accounts/:account/erase',
    route('Removes what is personal about an account. The ledger keeps its transactions without a name, and a ban stays.', eraseAnswer, {
      params,
      body: eraseRequest,
    }),
    async (request) => {
      const { account } = request.params
      const characters = await erase(moderation, { actor: actorIn(request), account, reason: request.body.reason })
      for (const character of characters) guard.ownership.forget(account, character)
      return { account, characters: characters.length }
    },
  )
}
