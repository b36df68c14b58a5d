import { z } from 'zod'
import type { CharacterId } from '../../../model/ids.ts'
import { holdings, letterRequest, letterResponse, mailResponse } from '../../../model/wire/economy.ts'
import type { HttpApp } from '../../../service/http.ts'
import { failures } from '../../access/failures.ts'
import { sessionGuard, sessionIn } from '../../access/guard.ts'
import { withNamed } from '../../access/namedCharacter.ts'
import { type EconomyRoutes, keyOf } from './economyRequest.ts'

const security = [{ session: [] }]
const params = z.object({ mail: z.string().min(1).max(64) })

/** Routes for the caller's holdings and letters. Letters reach a character in any copy. */
export function mailRoutes(app: HttpApp, { parts, economy, guard }: EconomyRoutes): void {
  const onRequest = sessionGuard(guard)

  app.get('/v1/holdings', { onRequest, schema: { summary: 'Money and items of the caller.', security, response: { 200: holdings, ...failures } } }, (request) =>
    economy.holdings(sessionIn(request).character),
  )

  app.get(
    '/v1/mail',
    { onRequest, schema: { summary: 'Letters of the caller, newest first.', security, response: { 200: mailResponse, ...failures } } },
    async (request) => ({
      mail: await economy.mail(sessionIn(request).character),
    }),
  )

  app.post(
    '/v1/mail',
    {
      onRequest,
      schema: {
        summary: 'Sends a letter; attachments leave the sender at once.',
        security,
        body: letterRequest,
        response: { 200: letterResponse, ...failures },
      },
    },
    async (request) => {
      const { character } = sessionIn(request)
      // The economy refuses a blocked reader, so that a repeated request gets its first answer also when a block was made in the meantime.
      const send = (to: CharacterId) => economy.sendMail(keyOf(request), character, { ...request.body, to })
      return withNamed(parts.store, { asker: character, named: request.body.to, evenBlocked: () => true }, send)
    },
  )

  app.post(
    '/v1/mail/:mail/take',
    { onRequest, schema: { summary: 'Takes all attachments of a letter.', security, params, response: { 200: holdings, ...failures } } },
    async (request) => economy.takeMail(keyOf(request), sessionIn(request).character, request.params.mail),
  )

  app.delete(
    '/v1/mail/:mail',
    {
      onRequest,
      schema: { summary: 'Deletes a letter without attachments.', security, params, response: { 200: z.object({ deleted: z.literal(true) }), ...failures } },
    },
    async (request) => economy.deleteMail(keyOf(request), sessionIn(request).character, request.params.mail),
  )
}
