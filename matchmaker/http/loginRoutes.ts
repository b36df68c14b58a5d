import { z } from 'zod'
import { defined } from '../../model/defined.ts'
import { loginRequest, loginResponse } from '../../model/wire/matchmaker.ts'
import type { HttpApp } from '../../service/http.ts'
import { failures } from '../access/failures.ts'
import type { Sessions } from '../access/sessions.ts'
import type { Parts } from '../parts.ts'

export function loginRoutes(app: HttpApp, { store }: Parts, sessions: Sessions): void {
  app.post(
    '/v1/login',
    {
      schema: {
        summary: 'Development login: returns a session of the character with this name and creates it when absent.',
        body: loginRequest,
        response: { 200: loginResponse, ...failures },
      },
    },
    async ({ body: { guild, attributes, ...person } }) => {
      sessions.mayIssue()
      const { character, entity, name } = await store.ensureCharacter({ ...person, ...defined({ guild, attributes }) })
      return { session: await sessions.issue(character), character, entity, name }
    },
  )
  app.get(
    '/v1/jwks.json',
    { schema: { summary: 'Public keys of the development login.', response: { 200: z.object({ keys: z.array(z.looseObject({ kid: z.string() })) }) } } },
    () => ({ keys: sessions.jwks.keys.map((key) => ({ ...key, kid: key.kid ?? '' })) }),
  )
}
