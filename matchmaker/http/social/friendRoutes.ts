import type { FastifyRequest } from 'fastify'
import { defined } from '../../../model/defined.ts'
import type { CharacterId } from '../../../model/ids.ts'
import type { Presence } from '../../../model/seat.ts'
import { type FriendResponse, friendRequestAnswer, friendRequestsResponse, friendsResponse, named, presenceResponse } from '../../../model/wire/social.ts'
import type { HttpApp } from '../../../service/http.ts'
import type { Friend } from '../../../store/social/social.ts'
import { characterGuard, sessionIn } from '../../access/guard.ts'
import { withNamed } from '../../access/namedCharacter.ts'
import { seesPresenceOf } from '../../placement/visibility.ts'
import { done, routesFor } from '../route.ts'
import type { PartyRoutes } from './partyRoutes.ts'

/** Friends, requests for friendship, and who is in the world. Each friend's own setting says who sees where they are. */
export function friendRoutes(app: HttpApp, { parts, social, guard }: PartyRoutes): void {
  const route = routesFor(characterGuard(guard), 'session')
  const self = (request: FastifyRequest): CharacterId => sessionIn(request).character
  const other = async (idOrName: string): Promise<CharacterId | undefined> => (await parts.store.findCharacter(idOrName))?.character

  app.get('/v1/friends', route('Friends of the character, and where they are if they let friends see it.', friendsResponse), async (request) => {
    const friends = await social.friends(self(request))
    const present = await parts.directory.presence(friends.filter(({ settings }) => settings.presence !== 'nobody').map(({ character }) => character))
    return { friends: friends.map((friend) => friendResponse(friend, present.get(friend.character))) }
  })

  app.delete('/v1/friends/:character', route('Ends a friendship, for both. Does nothing without one.', done, { params: named }), async (request) => {
    const friend = await other(request.params.character)
    if (friend !== undefined) await social.removeFriend(self(request), friend)
    return { done: true as const }
  })

  app.get('/v1/friends/requests', route('Requests for friendship that the character received and sent.', friendRequestsResponse), (request) =>
    social.friendRequests(self(request)),
  )

  app.post(
    '/v1/friends/requests',
    route('Asks a character for friendship. If that one has asked already, they are friends at once.', friendRequestAnswer, { body: named }),
    async (request) => {
      const asker = self(request)
      const state = await withNamed(parts.store, { asker, named: request.body.character }, (character) =>
        social.requestFriend(asker, character, parts.clock.now()),
      )
      return { state }
    },
  )

  app.post('/v1/friends/requests/:character/accept', route('Accepts a request.', done, { params: named }), async (request) => {
    const receiver = self(request)
    await withNamed(parts.store, { asker: receiver, named: request.params.character }, (sender) => social.acceptFriend(receiver, sender))
    return { done: true as const }
  })

  app.delete(
    '/v1/friends/requests/:character',
    route('Declines a request, or takes it back. Does nothing without one.', done, { params: named }),
    async (request) => {
      const character = await other(request.params.character)
      if (character !== undefined) await social.dropRequest(self(request), character)
      return { done: true as const }
    },
  )

  app.get(
    '/v1/presence/:character',
    route('Whether a character is in the world, and on which map, if its setting "presence" lets the asker see it.', presenceResponse, {
      params: named,
    }),
    async (request) => {
      const asked = await parts.store.findCharacter(request.params.character)
      if (asked === undefined || !seesPresenceOf(self(request), asked)) return { online: false }
      const present = (await parts.directory.presence([asked.character])).get(asked.character)
      return defined({ online: present !== undefined, map: present?.map })
    },
  )
}

function friendResponse({ character, name, since, settings }: Friend, present: Presence | undefined): FriendResponse {
  const joinable = present === undefined ? undefined : settings.joinable !== 'nobody'
  return defined({ character, name, since, online: present !== undefined, map: present?.map, joinable })
}
