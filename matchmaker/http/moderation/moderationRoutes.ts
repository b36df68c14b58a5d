import { z } from 'zod'
import { defined } from '../../../model/defined.ts'
import { StrataError } from '../../../model/errors.ts'
import {
  announceAnswer,
  announceRequest,
  auditLogAnswer,
  auditQuery,
  kickAnswer,
  kickRequest,
  liftRequest,
  messageAnswer,
  messageRequest,
  playerAnswer,
  playerName,
  sanctionAnswer,
  sanctionRequest,
  violationsAnswer,
  violationsQuery,
} from '../../../model/wire/moderation.ts'
import type { HttpApp } from '../../../service/http.ts'
import type { GuardOptions } from '../../access/guard.ts'
import { actorIn, serviceGuard } from '../../access/serviceTokens.ts'
import { ban, kick, mute, unban, unmute } from '../../moderation/sanctions.ts'
import { type ModerationParts, subjectNamed } from '../../moderation/subject.ts'
import { announce, message } from '../../moderation/words.ts'
import { routesFor } from '../route.ts'

export interface ModerationRoutes extends ModerationParts {
  guard: GuardOptions
}

/** Entries of the audit log in the answer about one player. */
const PLAYER_ENTRIES = 20

/** Routes for moderators. Each act writes an entry of the audit log with the caller's name and the reason. */
export function moderationRoutes(app: HttpApp, { guard, ...moderation }: ModerationRoutes): void {
  const route = routesFor(serviceGuard(guard, 'moderation'), 'service')

  for (const [path, summary, act] of [
    ['/v1/moderation/ban', 'Keeps an account out of the world, with all its characters. Its sessions end.', ban],
    ['/v1/moderation/mute', 'Keeps an account from talking.', mute],
  ] as const)
    app.post(path, route(summary, sanctionAnswer, { body: sanctionRequest }), (request) => {
      const { until, ...body } = request.body
      return act(moderation, { actor: actorIn(request), ...body }, until)
    })

  for (const [path, summary, act] of [
    ['/v1/moderation/unban', 'Lifts a ban.', unban],
    ['/v1/moderation/unmute', 'Lifts a mute.', unmute],
  ] as const)
    app.post(path, route(summary, sanctionAnswer, { body: liftRequest }), (request) => act(moderation, { actor: actorIn(request), ...request.body }))

  app.post(
    '/v1/moderation/kick',
    route('Ends the sessions of a character, or of all characters of an account. They may enter again.', kickAnswer, { body: kickRequest }),
    (request) => kick(moderation, { actor: actorIn(request), ...request.body }),
  )

  app.post('/v1/moderation/message', route('Sends a text to one player in the world.', messageAnswer, { body: messageRequest }), async (request) => ({
    characters: await message(moderation, { actor: actorIn(request), ...request.body }),
  }))

  app.post(
    '/v1/moderation/announce',
    route('Sends a text to all players in the world, or to those on one map.', announceAnswer, { body: announceRequest }),
    async (request) => {
      const { map, text } = request.body
      await announce(moderation, defined({ actor: actorIn(request), map, text }))
      return { announced: true as const }
    },
  )

  app.get('/v1/moderation/audit', route('The audit log, newest first.', auditLogAnswer, { querystring: auditQuery }), async ({ query: { player, limit } }) => {
    const subject = player === undefined ? undefined : (await subjectNamed(moderation, player)).account
    return { entries: await moderation.accounts.auditLog(limit, subject) }
  })

  app.get(
    '/v1/moderation/violations',
    route('What clients claimed that no lag explains, newest first: of all players, or of one.', violationsAnswer, { querystring: violationsQuery }),
    async ({ query: { player, flagged, limit } }) => {
      const characters = player === undefined ? undefined : (await subjectNamed(moderation, player)).characters
      return { violations: await moderation.parts.store.violations(defined({ characters, flagged: flagged === 'true', limit })) }
    },
  )

  app.get(
    '/v1/moderation/players/:id',
    route('An account with its characters, where they are, its sanctions and its audit log.', playerAnswer, {
      params: z.object({ id: playerName }),
    }),
    async ({ params: { id } }) => {
      const { accounts, parts } = moderation
      const { account } = await subjectNamed(moderation, id)
      const [record, characters, entries] = await Promise.all([
        accounts.account(account),
        accounts.charactersOf(account),
        accounts.auditLog(PLAYER_ENTRIES, account),
      ])
      if (record === undefined) throw new StrataError('ACCOUNT_UNKNOWN', { account })
      const present = await parts.directory.presence(characters.map(({ character }) => character))
      const shown = characters.map(({ character, name }) => {
        const at = present.get(character)
        return defined({ character, name, map: at?.map, copy: at?.copy })
      })
      return { ...record, characters: shown, entries }
    },
  )
}
