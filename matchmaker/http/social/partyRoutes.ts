import type { FastifyRequest } from 'fastify'
import type { DurationMs } from '../../../model/clock.ts'
import { StrataError } from '../../../model/errors.ts'
import type { CharacterId } from '../../../model/ids.ts'
import { invitationsResponse, named, type PartyResponse, partyId, partyResponse } from '../../../model/wire/social.ts'
import type { HttpApp } from '../../../service/http.ts'
import type { Social } from '../../../store/social/social.ts'
import type { SocialProfile } from '../../../store/store.ts'
import { characterGuard, type GuardOptions, sessionIn } from '../../access/guard.ts'
import { withNamed } from '../../access/namedCharacter.ts'
import { joinPartyCopy } from '../../flows/joinPartyCopy.ts'
import type { Parts } from '../../parts.ts'
import { largestParty } from '../../placement/partySize.ts'
import { done, routesFor } from '../route.ts'

/** Default of PARTY_INVITATION_MS. Long enough to read an invitation, short enough that a forgotten one does not surprise anybody. */
export const PARTY_INVITATION_MS: DurationMs = 2 * 60_000

export interface PartyRoutes {
  parts: Parts
  social: Social
  guard: GuardOptions
  /** How long an invitation to a party can be accepted, in ms. */
  invitationMs?: DurationMs | undefined
}

/** Parties: everybody in one was invited by its leader and accepted. */
export function partyRoutes(app: HttpApp, { parts, social, guard, invitationMs = PARTY_INVITATION_MS }: PartyRoutes): void {
  const route = routesFor(characterGuard(guard), 'session')
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

  app.get('/v1/party', route('The party of the character.', partyResponse), show)

  app.post('/v1/party', route('A new party, led by the character, which leaves its former party.', partyResponse), async (request) => {
    await social.createParty(parts.newId(), self(request))
    return show(request)
  })

  app.delete('/v1/party', route('Leaves the party.', done), async (request) => {
    await social.leaveParty(self(request))
    return { done: true as const }
  })

  app.post('/v1/party/invitations', route('The leader invites a character.', partyResponse, { body: named }), async (request) => {
    const { size, now } = limits()
    const leader = self(request)
    await withNamed(parts.store, { asker: leader, named: request.body.character }, (character) =>
      social.invite(leader, character, { size, now, expiresAt: now + invitationMs }),
    )
    return show(request)
  })

  app.get('/v1/party/invitations', route('Invitations that the character may accept.', invitationsResponse), async (request) => ({
    invitations: await social.invitations(self(request), parts.clock.now()),
  }))

  app.post('/v1/party/invitations/:party/accept', route('Joins the party; leaves the former one.', partyResponse, { params: partyId }), async (request) => {
    await social.acceptInvitation(self(request), request.params.party, limits())
    const party = await show(request)
    // The membership counts even if the move fails: the orchestrator brings the party together later.
    await joinPartyCopy(parts, self(request), party.leader).catch((error: unknown) =>
      parts.log.warn({ err: error, character: self(request) }, 'could not move a new member of a party to its leader'),
    )
    return party
  })

  app.delete('/v1/party/invitations/:party', route('Declines an invitation.', done, { params: partyId }), async (request) => {
    await social.declineInvitation(self(request), request.params.party)
    return { done: true as const }
  })

  app.post('/v1/party/kick', route('The leader removes a member.', partyResponse, { body: named }), async (request) => {
    await withMember(request, request.body.character, (leader, member) => social.removeMember(leader, member))
    return show(request)
  })

  app.post('/v1/party/leader', route('The leader hands the lead over to a member.', partyResponse, { body: named }), async (request) => {
    await withMember(request, request.body.character, (leader, member) => social.handOver(leader, member))
    return show(request)
  })
}
