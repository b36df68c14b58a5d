import { z } from 'zod'
import { loginRequest, loginResponse } from '../../model/wire/characters.ts'
import type { HttpApp } from '../../service/http.ts'
import { developmentGuard } from '../access/guard.ts'
import type { Sessions } from '../access/sessions.ts'
import { failures } from './route.ts'

/** The development login signs a session for any account; what the account does with it goes the same way as with a studio's session. */
export function loginRoutes(app: HttpApp, sessions: Sessions): void {
  app.post(
    '/v1/login',
    {
      onRequest: developmentGuard(sessions),
      schema: { summary: 'Development login: a session for an account.', body: loginRequest, response: { 200: loginResponse, ...failures } },
    },
    async ({ body: { account } }) => ({ session: await sessions.issue(account), account }),
  )
  app.get(
    '/v1/jwks.json',
    { schema: { summary: 'Public keys of the development login.', response: { 200: z.object({ keys: z.array(z.looseObject({ kid: z.string() })) }) } } },
    () => ({ keys: sessions.jwks.keys.map((key) => ({ ...key, kid: key.kid ?? '' })) }),
  )
}
