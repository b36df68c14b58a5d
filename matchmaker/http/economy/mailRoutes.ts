import { z } from 'zod'
import type { CharacterId } from '../../../model/ids.ts'
import { holdings, letterRequest, letterResponse, mailResponse } from '../../../model/wire/economy.ts'
import type { HttpApp } from '../../../service/http.ts'
import { characterGuard, sessionIn } from '../../access/guard.ts'
import { withNamed } from '../../access/namedCharacter.ts'
import { deleted, routesFor } from '../route.ts'
import { type EconomyRoutes, keyOf } from './economyRequest.ts'

const params = z.object({ mail: z.string().min(1).max(64) })

/** Routes for the caller's holdings and letters. Letters reach a character in any copy. */
export function mailRoutes(app: HttpApp, { parts, economy, guard }: EconomyRoutes): void {
  const route = routesFor(characterGuard(guard), 'session')

  app.get('/v1/holdings', route('Money and items of the caller.', holdings), (request) => economy.holdings(sessionIn(request).character))

  app.get('/v1/mail', route('Letters of the caller, newest first.', mailResponse), async (request) => ({
    mail: await economy.mail(sessionIn(request).character),
  }))

  app.post('/v1/mail', route('Sends a letter; attachments leave the sender at once.', letterResponse, { body: letterRequest }), async (request) => {
    const { character } = sessionIn(request)
    // The economy refuses a blocked reader, so that a repeated request gets its first answer also when a block was made in the meantime.
    const send = (to: CharacterId) => economy.sendMail(keyOf(request), character, { ...request.body, to })
    return withNamed(parts.store, { asker: character, named: request.body.to, evenBlocked: () => true }, send)
  })

  app.post('/v1/mail/:mail/take', route('Takes all attachments of a letter.', holdings, { params }), async (request) =>
    economy.takeMail(keyOf(request), sessionIn(request).character, request.params.mail),
  )

  app.delete('/v1/mail/:mail', route('Deletes a letter without attachments.', deleted, { params }), async (request) =>
    economy.deleteMail(keyOf(request), sessionIn(request).character, request.params.mail),
  )
}
