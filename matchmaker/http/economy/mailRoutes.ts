import { z } from 'zod'
import { holdings, letterRequest, letterResponse, mailResponse } from '../../../model/wire/economy.ts'
import type { HttpApp } from '../../../service/http.ts'
import { failures } from '../../access/failures.ts'
import { sessionGuard, sessionIn } from '../../access/guard.ts'
import { characterNamed } from '../../placement/members.ts'
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
    async (request) => economy.sendMail(keyOf(request), sessionIn(request).character, { ...request.body, to: await characterNamed(parts, request.body.to) }),
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
