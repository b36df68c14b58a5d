import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { DurationMs } from '../../../model/clock.ts'
import { StrataError } from '../../../model/errors.ts'
import type { CharacterId } from '../../../model/ids.ts'
import { invitationsResponse, named, type PartyResponse, partyId, partyResponse } from '../../../model/wire/social.ts'
import type { HttpApp } from '../../../service/http.ts'
import type { Social } from '../../../store/social/social.ts'
import type { SocialProfile } from '../../../store/store.ts'
import { failures } from '../../access/failures.ts'
import { type GuardOptions, sessionGuard, sessionIn } from '../../access/guard.ts'
import { withNamed } from '../../access/namedCharacter.ts'
import { joinPartyCopy } from '../../flows/joinPartyCopy.ts'
import type { Parts } from '../../parts.ts'
import { largestParty } from '../../placement/partySize.ts'

/** Default of PARTY_INVITATION_MS. Long enough to read an invitation, short enough that a forgotten one does not surprise anybody. */
export const PARTY_INVITATION_MS: DurationMs = 2 * 60_000

const security = [{ session: [] }]
const done = { 200: z.object({ done: z.literal(true) }), ...failures }

export interface PartyRoutes {
  parts: Parts
  social: Social
  guard: GuardOptions
  /** How long an invitation to a party can be accepted, in ms. */
  invitationMs?: DurationMs | undefined
}

/** Parties: everybody in one was invited by its leader and accepted. */
export function partyRoutes(app: HttpApp, { parts, social, guard, invitationMs = PARTY_INVITATION_MS }: PartyRoutes): void {
  const onRequest = sessionGuard(guard)
  const answer = { 200: partyResponse, ...failures }
  const self = (request: FastifyRequest): CharacterId => sessionIn(request).character
  const show = async (request: FastifyRequest): Promise<PartyResponse> => {
    const party = await social.partyOf(self(request), parts.clock.now())
    if (party === undefined) throw new StrataError('PARTY_UNKNOWN')
    return party
  }
  /** Blocks win over everything but the party that one is in: its leader may name a member whom it has blocked. */
  const withMember = (request: FastifyRequest, idOrName: string, act: (leader: CharacterId, member: CharacterId) => Promise<void>): Promise<void> => {
    const leader = self(request)
    const evenBlocked = ({ partyMembers }: SocialProfile): boolean => partyMembers.includes(leader)
    return withNamed(parts.store, { asker: leader, named: idOrName, evenBlocked }, (member) => act(leader, member))
  }
  const limits = (): { size: number; now: number } => ({ size: largestParty(parts.policies().values()), now: parts.clock.now() })

  app.get('/v1/party', { onRequest, schema: { summary: 'The party of the character.', security, response: answer } }, show)

  app.post(
    '/v1/party',
    { onRequest, schema: { summary: 'A new party, led by the character, which leaves its former party.', security, response: answer } },
    async (request) => {
      await social.createParty(parts.newId(), self(request))
      return show(request)
    },
  )

  app.delete('/v1/party', { onRequest, schema: { summary: 'Leaves the party.', security, response: done } }, async (request) => {
    await social.leaveParty(self(request))
    return { done: true as const }
  })

  app.post(
    '/v1/party/invitations',
    { onRequest, schema: { summary: 'The leader invites a character.', security, body: named, response: answer } },
    async (request) => {
      const { size, now } = limits()
      const leader = self(request)
      await withNamed(parts.store, { asker: leader, named: request.body.character }, (character) =>
        social.invite(leader, character, { size, now, expiresAt: now + invitationMs }),
      )
      return show(request)
    },
  )

  app.get(
    '/v1/party/invitations',
    { onRequest, schema: { summary: 'Invitations that the character may accept.', security, response: { 200: invitationsResponse, ...failures } } },
    async (request) => ({ invitations: await social.invitations(self(request), parts.clock.now()) }),
  )

  app.post(
    '/v1/party/invitations/:party/accept',
    { onRequest, schema: { summary: 'Joins the party; leaves the former one.', security, params: partyId, response: answer } },
    async (request) => {
      await social.acceptInvitation(self(request), request.params.party, limits())
      const party = await show(request)
      // The membership counts even if the move fails: the orchestrator brings the party together later.
      await joinPartyCopy(parts, self(request), party.leader).catch((error: unknown) =>
        parts.log.warn({ err: error, character: self(request) }, 'could not move a new member of a party to its leader'),
      )
      return party
    },
  )

  app.delete(
    '/v1/party/invitations/:party',
    { onRequest, schema: { summary: 'Declines an invitation.', security, params: partyId, response: done } },
    async (request) => {
      await social.declineInvitation(self(request), request.params.party)
      return { done: true as const }
    },
  )

  app.post('/v1/party/kick', { onRequest, schema: { summary: 'The leader removes a member.', security, body: named, response: answer } }, async (request) => {
    await withMember(request, request.body.character, (leader, member) => social.removeMember(leader, member))
    return show(request)
  })

  app.post(
    '/v1/party/leader',
    { onRequest, schema: { summary: 'The leader hands the lead over to a member.', security, body: named, response: answer } },
    async (request) => {
      await withMember(request, request.body.character, (leader, member) => social.handOver(leader, member))
      return show(request)
    },
  )
}
