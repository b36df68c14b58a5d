import { z } from 'zod'
import type { CharacterId } from '../../../model/ids.ts'
import {
  bankRequest,
  guildInvitationsResponse,
  guildJoinRequest,
  guildMemberRequest,
  guildRankRequest,
  guildRequest,
  guildResponse,
  holdings,
} from '../../../model/wire/economy.ts'
import type { HttpApp } from '../../../service/http.ts'
import { failures } from '../../access/failures.ts'
import { sessionGuard, sessionIn } from '../../access/guard.ts'
import { withNamed } from '../../access/namedCharacter.ts'
import { type EconomyRoutes, keyOf } from './economyRequest.ts'

const security = [{ session: [] }]
const done = z.object({ done: z.literal(true) })

/** Routes for guild members, their ranks and the guild bank. */
export function guildRoutes(app: HttpApp, { parts, economy, guard }: EconomyRoutes): void {
  const onRequest = sessionGuard(guard)
  const show = async (character: CharacterId) => {
    const { guild, rank } = await economy.membership(character)
    return { guild, rank, members: await economy.guildMembers(guild), bank: await economy.bank(character) }
  }
  /** Members of the own guild may be named in spite of a block: officers dismiss whom they have blocked. */
  const withMember = async (by: CharacterId, idOrName: string, act: (by: CharacterId, member: CharacterId) => Promise<void>): Promise<void> => {
    const { guild } = await economy.membership(by)
    await withNamed(parts.store, { asker: by, named: idOrName, evenBlocked: (member) => member.guild === guild }, (member) => act(by, member))
  }
  const schemaOf = <B extends z.ZodType, R extends z.ZodType>(summary: string, body: B, answer: R) => ({
    onRequest,
    schema: { summary, security, body, response: { 200: answer, ...failures } },
  })

  app.get(
    '/v1/guild',
    { onRequest, schema: { summary: 'The guild of the caller and its bank.', security, response: { 200: guildResponse, ...failures } } },
    (request) => show(sessionIn(request).character),
  )
  app.post('/v1/guild', schemaOf('Creates a guild led by the caller, who leaves the former guild.', guildRequest, guildResponse), async (request) => {
    const { character } = sessionIn(request)
    await economy.foundGuild(character, request.body.name)
    return show(character)
  })
  app.post(
    '/v1/guild/invite',
    schemaOf('Invites a character. Needs the rank of officer.', guildMemberRequest, z.object({ guild: z.string() })),
    async (request) => {
      const by = sessionIn(request).character
      return { guild: await withNamed(parts.store, { asker: by, named: request.body.character }, (character) => economy.inviteToGuild(by, character)) }
    },
  )
  app.get(
    '/v1/guild/invitations',
    { onRequest, schema: { summary: 'Invitations that the caller may accept.', security, response: { 200: guildInvitationsResponse, ...failures } } },
    async (request) => ({ invitations: await economy.guildInvitations(sessionIn(request).character) }),
  )
  app.delete(
    '/v1/guild/invitations/:guild',
    {
      onRequest,
      schema: { summary: 'Declines an invitation. Does nothing without one.', security, params: guildJoinRequest, response: { 200: done, ...failures } },
    },
    async (request) => {
      await economy.declineGuild(sessionIn(request).character, request.params.guild)
      return { done: true as const }
    },
  )
  app.post('/v1/guild/join', schemaOf('Accepts an invitation; the caller leaves the former guild.', guildJoinRequest, guildResponse), async (request) => {
    const { character } = sessionIn(request)
    await economy.joinGuild(character, request.body.guild)
    return show(character)
  })
  app.post('/v1/guild/rank', schemaOf('Sets the rank of a member. Needs the rank of leader.', guildRankRequest, done), async (request) => {
    const { character, rank } = request.body
    await withMember(sessionIn(request).character, character, (by, member) => economy.setGuildRank(by, member, rank))
    return { done: true as const }
  })
  app.post('/v1/guild/dismiss', schemaOf('Dismisses a member of a lower rank.', guildMemberRequest, done), async (request) => {
    await withMember(sessionIn(request).character, request.body.character, (by, member) => economy.leaveGuild(by, member))
    return { done: true as const }
  })
  app.delete('/v1/guild', { onRequest, schema: { summary: 'Leaves the guild.', security, response: { 200: done, ...failures } } }, async (request) => {
    await economy.leaveGuild(sessionIn(request).character)
    return { done: true as const }
  })
  app.post('/v1/guild/bank/deposit', schemaOf('Deposits items or money in the bank.', bankRequest, holdings), async (request) =>
    economy.deposit(keyOf(request), sessionIn(request).character, request.body),
  )
  app.post('/v1/guild/bank/withdraw', schemaOf('Withdraws items or money, up to the limit of the rank per 24 hours.', bankRequest, holdings), async (request) =>
    economy.withdraw(keyOf(request), sessionIn(request).character, request.body),
  )
}
