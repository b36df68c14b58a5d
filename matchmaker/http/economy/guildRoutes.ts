import { z } from 'zod'
import type { CharacterId } from '../../../model/ids.ts'
import { bankRequest, guildJoinRequest, guildMemberRequest, guildRankRequest, guildRequest, guildResponse, holdings } from '../../../model/wire/economy.ts'
import type { HttpApp } from '../../../service/http.ts'
import { failures } from '../../access/failures.ts'
import { sessionGuard, sessionIn } from '../../access/guard.ts'
import { characterNamed, type EconomyRoutes, keyOf } from './economyRequest.ts'

const security = [{ session: [] }]
const done = z.object({ done: z.literal(true) })

/** Guilds: who is in them, with which rank, and what lies in their banks. */
export function guildRoutes(app: HttpApp, { parts, economy, guard }: EconomyRoutes): void {
  const onRequest = sessionGuard(guard)
  const show = async (character: CharacterId) => {
    const { guild, rank } = await economy.membership(character)
    return { guild, rank, members: await economy.guildMembers(guild), bank: await economy.bank(character) }
  }
  const schemaOf = <B extends z.ZodType, R extends z.ZodType>(summary: string, body: B, answer: R) => ({
    onRequest,
    schema: { summary, security, body, response: { 200: answer, ...failures } },
  })

  app.get('/v1/guild', { onRequest, schema: { summary: 'One’s guild and its bank.', security, response: { 200: guildResponse, ...failures } } }, (request) =>
    show(sessionIn(request).character),
  )
  app.post('/v1/guild', schemaOf('A new guild, oneself its leader; leaves the former.', guildRequest, guildResponse), async (request) => {
    const { character } = sessionIn(request)
    await economy.foundGuild(character, request.body.name)
    return show(character)
  })
  app.post('/v1/guild/invite', schemaOf('Invites somebody; for officers.', guildMemberRequest, z.object({ guild: z.string() })), async (request) => ({
    guild: await economy.inviteToGuild(sessionIn(request).character, await characterNamed(parts, request.body.character)),
  }))
  app.post('/v1/guild/join', schemaOf('Accepts an invitation; leaves the former guild.', guildJoinRequest, guildResponse), async (request) => {
    const { character } = sessionIn(request)
    await economy.joinGuild(character, request.body.guild)
    return show(character)
  })
  app.post('/v1/guild/rank', schemaOf('Gives a rank; for the leader.', guildRankRequest, done), async (request) => {
    const { character, rank } = request.body
    await economy.setGuildRank(sessionIn(request).character, await characterNamed(parts, character), rank)
    return { done: true as const }
  })
  app.post('/v1/guild/dismiss', schemaOf('Sends somebody of a lower rank away.', guildMemberRequest, done), async (request) => {
    await economy.leaveGuild(sessionIn(request).character, await characterNamed(parts, request.body.character))
    return { done: true as const }
  })
  app.delete('/v1/guild', { onRequest, schema: { summary: 'Leaves the guild.', security, response: { 200: done, ...failures } } }, async (request) => {
    await economy.leaveGuild(sessionIn(request).character)
    return { done: true as const }
  })
  app.post('/v1/guild/bank/deposit', schemaOf('Puts something into the bank.', bankRequest, holdings), async (request) =>
    economy.deposit(keyOf(request), sessionIn(request).character, request.body),
  )
  app.post('/v1/guild/bank/withdraw', schemaOf('Takes something out, as much as one’s rank may in 24 hours.', bankRequest, holdings), async (request) =>
    economy.withdraw(keyOf(request), sessionIn(request).character, request.body),
  )
}
