import { blocksResponse, named } from '../../../model/wire/social.ts'
import type { HttpApp } from '../../../service/http.ts'
import { characterGuard, sessionIn } from '../../access/guard.ts'
import { withNamed } from '../../access/namedCharacter.ts'
import { done, routesFor } from '../route.ts'
import type { PartyRoutes } from './partyRoutes.ts'

/** A block is between two accounts. Only the account that made it sees it in its list. */
export function blockRoutes(app: HttpApp, { parts, social, guard }: PartyRoutes): void {
  const route = routesFor(characterGuard(guard), 'session')

  app.get('/v1/blocks', route('Characters whose accounts the account of this character has blocked.', blocksResponse), async (request) => ({
    blocks: await social.blocks(sessionIn(request).character),
  }))

  app.post(
    '/v1/blocks',
    route('Blocks the account of a character: it ends friendships, requests and invitations between the two accounts, and refuses new ones.', done, {
      body: named,
    }),
    async (request) => {
      const { character } = sessionIn(request)
      await withNamed(parts.store, { asker: character, named: request.body.character, evenBlocked: () => true }, (other) => social.block(character, other))
      return { done: true as const }
    },
  )

  app.delete('/v1/blocks/:character', route('Lifts a block. Does nothing without one.', done, { params: named }), async (request) => {
    const other = await parts.store.findCharacter(request.params.character)
    if (other !== undefined) await social.unblock(sessionIn(request).character, other.character)
    return { done: true as const }
  })
}
