import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { StrataError } from '../../model/errors.ts'
import { type PartyResponse, partyJoinRequest, partyResponse } from '../../model/wire/matchmaker.ts'
import type { HttpApp } from '../../service/http.ts'
import { failures } from '../access/failures.ts'
import { type GuardOptions, sessionGuard, sessionIn } from '../access/guard.ts'
import type { Parts } from '../parts.ts'
import { profileOf } from '../placement/members.ts'

const security = [{ session: [] }]

export function partyRoutes(app: HttpApp, parts: Parts, guard: GuardOptions): void {
  const onRequest = sessionGuard(guard)
  const answer = { 200: partyResponse, ...failures }
  const party = async (request: FastifyRequest): Promise<PartyResponse> => {
    const { party, partyMembers } = await profileOf(parts, sessionIn(request).character)
    if (party === undefined) throw new StrataError('PARTY_UNKNOWN')
    const names = new Map((await parts.store.profiles(partyMembers)).map((profile) => [profile.character, profile.name]))
    return { party, members: partyMembers.map((character) => ({ character, name: names.get(character) ?? character })) }
  }

  app.post(
    '/v1/party',
    { onRequest, schema: { summary: 'Creates a party with the caller in it; the caller leaves its former party.', security, response: answer } },
    async (request) => {
      const { character } = await profileOf(parts, sessionIn(request).character)
      await parts.store.createParty(parts.newId(), character)
      return party(request)
    },
  )

  app.post(
    '/v1/party/join',
    { onRequest, schema: { summary: 'Joins a party; the caller leaves its former party.', security, body: partyJoinRequest, response: answer } },
    async (request) => {
      await parts.store.joinParty(request.body.party, sessionIn(request).character)
      return party(request)
    },
  )

  app.get('/v1/party', { onRequest, schema: { summary: 'The party of the caller.', security, response: answer } }, party)

  app.delete(
    '/v1/party',
    { onRequest, schema: { summary: 'Leaves the party.', security, response: { 200: z.object({ left: z.literal(true) }), ...failures } } },
    async (request) => {
      await parts.store.leaveParty(sessionIn(request).character)
      return { left: true as const }
    },
  )
}
