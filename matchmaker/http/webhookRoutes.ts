import { deadLettersAnswer, deadLettersRequest, webhooksAnswer, webhooksQuery } from '../../model/wire/webhooks.ts'
import type { HttpApp } from '../../service/http.ts'
import type { Accounts } from '../../store/accounts/accounts.ts'
import type { Webhooks } from '../../store/webhooks/webhooks.ts'
import type { GuardOptions } from '../access/guard.ts'
import { actorIn, serviceGuard } from '../access/serviceTokens.ts'
import { routesFor } from './route.ts'

export interface WebhookRoutes {
  webhooks: Webhooks
  accounts: Pick<Accounts, 'audit'>
  guard: GuardOptions
}

/** The outbox of webhooks, for operators. */
export function webhookRoutes(app: HttpApp, { webhooks, accounts, guard }: WebhookRoutes): void {
  const route = routesFor(serviceGuard(guard, 'operator'), 'operator')

  app.get('/v1/webhooks', route('Webhooks that wait, and dead letters.', webhooksAnswer, { querystring: webhooksQuery }), async (request) => {
    const [backlog, deadLetters] = await Promise.all([webhooks.backlog(), webhooks.dead(request.query.limit)])
    return { ...backlog, deadLetters }
  })

  for (const [path, summary, act] of [
    ['/v1/webhooks/retry', 'Sends dead letters again.', webhooks.retry],
    ['/v1/webhooks/discard', 'Deletes dead letters.', webhooks.discard],
  ] as const)
    app.post(path, route(summary, deadLettersAnswer, { body: deadLettersRequest }), async (request) => {
      const { messages, reason } = request.body
      const action = `webhooks ${path.slice(path.lastIndexOf('/') + 1)}`
      await accounts.audit({ actor: actorIn(request), action, subject: 'webhooks', reason, details: messages === undefined ? {} : { messages } })
      return { changed: await act(messages) }
    })
}
