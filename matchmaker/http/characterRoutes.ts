import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { defined } from '../../model/defined.ts'
import { StrataError } from '../../model/errors.ts'
import type { CharacterId, Language } from '../../model/ids.ts'
import { checkName, type NameRules } from '../../model/people/names.ts'
import {
  type CharacterResponse,
  changeCharacterRequest,
  characterId,
  characterSummary,
  charactersResponse,
  createCharacterRequest,
  languageTag,
} from '../../model/wire/characters.ts'
import type { HttpApp } from '../../service/http.ts'
import type { Accounts, CharacterSummary } from '../../store/accounts/accounts.ts'
import { accountGuard, type GuardOptions, identityIn } from '../access/guard.ts'
import type { Parts } from '../parts.ts'
import { deleted, failures, routesFor } from './route.ts'

export interface CharacterRules {
  names: NameRules
  /** Characters that one account may have. */
  perAccount: number
  /** Who makes characters: players over this API, or only the studio's back end. */
  madeBy: 'players' | 'studio'
}

export interface CharacterRoutes {
  parts: Pick<Parts, 'directory'>
  accounts: Accounts
  guard: GuardOptions
  rules: CharacterRules
}

const params = z.object({ character: characterId })

/** The characters of the account that asks: list, make, change, delete. */
export function characterRoutes(app: HttpApp, { parts, accounts, guard, rules }: CharacterRoutes): void {
  const route = routesFor(accountGuard(guard), 'session')

  app.get('/v1/characters', route('The characters of the account, oldest first.', charactersResponse), async (request) => {
    const { account, displayName } = identityIn(request)
    await accounts.ensureAccount(account, displayName)
    return { account, limit: rules.perAccount, characters: (await accounts.charactersOf(account)).map(responseOf) }
  })

  const { onRequest, schema } = route('A new character of the account.', characterSummary, { body: createCharacterRequest })
  app.post('/v1/characters', { onRequest, schema: { ...schema, response: { 201: characterSummary, ...failures } } }, async (request, reply) => {
    if (rules.madeBy === 'studio') throw new StrataError('CHARACTERS_BY_STUDIO')
    const { account, displayName, language } = identityIn(request)
    const { name, languages = [languageOf(language) ?? preferredLanguage(request)] } = request.body
    const checked = checkName(name, rules.names)
    await accounts.ensureAccount(account, displayName)
    const made = await accounts.createCharacter(account, { name: checked, languages }, rules.perAccount)
    guard.ownership.forget(account)
    return reply.status(201).send(responseOf(made))
  })

  app.patch(
    '/v1/characters/:character',
    route('A new name, other languages, other settings.', characterSummary, { params, body: changeCharacterRequest }),
    async (request) => {
      const character = await own(request, request.params.character)
      const { name, languages, settings } = request.body
      if (name !== undefined) await accounts.renameCharacter(character, checkName(name, rules.names))
      return responseOf(await accounts.describeCharacter(character, defined({ languages, settings: settings === undefined ? undefined : defined(settings) })))
    },
  )

  app.delete(
    '/v1/characters/:character',
    route('Deletes a character that is not in the world. Its name is free afterwards.', deleted, { params }),
    async (request) => {
      const character = await own(request, request.params.character)
      if ((await parts.directory.presence([character])).has(character)) throw new StrataError('CHARACTER_IN_WORLD')
      await accounts.deleteCharacter(character)
      guard.ownership.forget(identityIn(request).account, character)
      return { deleted: true as const }
    },
  )

  /** Throws CHARACTER_UNKNOWN for somebody else's character, too. */
  function own(request: FastifyRequest, character: CharacterId): Promise<CharacterId> {
    return guard.ownership.characterOf(identityIn(request).account, character)
  }
}

function responseOf({ account: _, attributes: __, ...summary }: CharacterSummary): CharacterResponse {
  return summary
}

/** The language of a session, if it is a tag. Some identity providers write `pt_BR` (OpenID Connect Core, section 5.1). */
function languageOf(claim: string | undefined): Language | undefined {
  return languageTag.safeParse(claim?.replaceAll('_', '-')).data
}

/** The first usable tag of the header Accept-Language; `en` without one. */
function preferredLanguage(request: FastifyRequest): Language {
  for (const part of (request.headers['accept-language'] ?? '').slice(0, 1_000).split(',')) {
    const tag = languageTag.safeParse(part.split(';', 1)[0]?.trim())
    if (tag.success) return tag.data
  }
  return 'en'
}
