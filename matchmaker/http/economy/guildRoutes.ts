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
import { characterGuard, sessionIn } from '../../access/guard.ts'
import { withNamed } from '../../access/namedCharacter.ts'
import { done, routesFor } from '../route.ts'
import { type EconomyRoutes, keyOf } from './economyRequest.ts'

/** Routes for guild members, their ranks and the guild bank. */
export function guildRoutes(app: HttpApp, { parts, economy, guard }: EconomyRoutes): void {
  const route = routesFor(characterGuard(guard), 'session')
  const show = async (character: CharacterId) => {
    const { guild, rank } = await economy.membership(character)
    return { guild, rank, members: await economy.guildMembers(guild), bank: await economy.bank(character) }
  }
  /** Members of the own guild may be named in spite of a block: officers dismiss whom they have blocked. */
  const withMember = async (by: CharacterId, idOrName: string, act: (by: CharacterId, member: CharacterId) => Promise<void>): Promise<void> => {
    const { guild } = await economy.membership(by)
    await withNamed(parts.store, { asker: by, named: idOrName, evenBlocked: (member) => member.guild === guild }, (member) => act(by, member))
  }

  app.get('/v1/guild', route('The guild of the caller and its bank.', guildResponse), (request) => show(sessionIn(request).character))
  app.post('/v1/guild', route('Creates a guild led by the caller, who leaves the former guild.', guildResponse, { body: guildRequest }), async (request) => {
    const { character } = sessionIn(request)
    await economy.foundGuild(character, request.body.name)
    return show(character)
  })
  app.post(
    '/v1/guild/invite',
    route('Invites a character. Needs the rank of officer.', z.object({ guild: z.string() }), { body: guildMemberRequest }),
    async (request) => {
      const by = sessionIn(request).character
      return { guild: await withNamed(parts.store, { asker: by, named: request.body.character }, (character) => economy.inviteToGuild(by, character)) }
    },
  )
  app.get('/v1/guild/invitations', route('Invitations that the caller may accept.', guildInvitationsResponse), async (request) => ({
    invitations: await economy.guildInvitations(sessionIn(request).character),
  }))
  app.delete(
    '/v1/guild/invitations/:guild',
    route('Declines an invitation. Does nothing without one.', done, { params: guildJoinRequest }),
    async (request) => {
      await economy.declineGuild(sessionIn(request).character, request.params.guild)
      return { done: true as const }
    },
  )
  app.post(
    '/v1/guild/join',
    route('Accepts an invitation; the caller leaves the former guild.', guildResponse, { body: guildJoinRequest }),
    async (request) => {
      const { character } = sessionIn(request)
      await economy.joinGuild(character, request.body.guild)
      return show(character)
    },
  )
  app.post('/v1/guild/rank', route('Sets the rank of a member. Needs the rank of leader.', done, { body: guildRankRequest }), async (request) => {
    const { character, rank } = request.body
    await withMember(sessionIn(request).character, character, (by, member) => economy.setGuildRank(by, member, rank))
    return { done: true as const }
  })
  app.post('/v1/guild/dismiss', route('Dismisses a member of a lower rank.', done, { body: guildMemberRequest }), async (request) => {
    await withMember(sessionIn(request).character, request.body.character, (by, member) => economy.leaveGuild(by, member))
    return { done: true as const }
  })
  app.delete('/v1/guild', route('Leaves the guild.', done), async (request) => {
    await economy.leaveGuild(sessionIn(request).character)
    return { done: true as const }
  })
  app.post('/v1/guild/bank/deposit', route('Deposits items or money in the bank.', holdings, { body: bankRequest }), async (request) =>
    economy.deposit(keyOf(request), sessionIn(request).character, request.body),
  )
  app.post(
    '/v1/guild/bank/withdraw',
    route('Withdraws items or money, up to the limit of the rank per 24 hours.', holdings, { body: bankRequest }),
    async (request) => economy.withdraw(keyOf(request), sessionIn(request).character, request.body),
  )
}
