import { z } from 'zod'
import { blocksResponse, named } from '../../../model/wire/social.ts'
import type { HttpApp } from '../../../service/http.ts'
import { failures } from '../../access/failures.ts'
import { sessionGuard, sessionIn } from '../../access/guard.ts'
import { withNamed } from '../../access/namedCharacter.ts'
import type { PartyRoutes } from './partyRoutes.ts'

const security = [{ session: [] }]
const done = { 200: z.object({ done: z.literal(true) }), ...failures }

/** A block is between two accounts. Only the account that made it sees it in its list. */
export function blockRoutes(app: HttpApp, { parts, social, guard }: PartyRoutes): void {
  const onRequest = sessionGuard(guard)

  app.get(
    '/v1/blocks',
    {
      onRequest,
      schema: { summary: 'Characters whose accounts the account of this character has blocked.', security, response: { 200: blocksResponse, ...failures } },
    },
    async (request) => ({ blocks: await social.blocks(sessionIn(request).character) }),
  )

  app.post(
    '/v1/blocks',
    {
      onRequest,
      schema: {
        summary: 'Blocks the account of a character: it ends friendships, requests and invitations between the two accounts, and refuses new ones.',
        security,
        body: named,
        response: done,
      },
    },
    async (request) => {
      const { character } = sessionIn(request)
      await withNamed(parts.store, { asker: character, named: request.body.character, evenBlocked: () => true }, (other) => social.block(character, other))
      return { done: true as const }
    },
  )

  app.delete(
    '/v1/blocks/:character',
    { onRequest, schema: { summary: 'Lifts a block. Does nothing without one.', security, params: named, response: done } },
    async (request) => {
      const other = await parts.store.findCharacter(request.params.character)
      if (other !== undefined) await social.unblock(sessionIn(request).character, other.character)
      return { done: true as const }
    },
  )
}
