import { z } from 'zod'
import { defined } from '../../../model/defined.ts'
import { StrataError } from '../../../model/errors.ts'
import type { AccountId, CharacterId, GuildId } from '../../../model/ids.ts'
import { accountId, characterId } from '../../../model/wire/characters.ts'
import {
  accountFields,
  accountPage,
  blockPage,
  characterFields,
  characterPage,
  friendshipPage,
  guildFields,
  guildId,
  guildPage,
  pageQuery,
  studioAccount,
  studioCharacter,
  studioRoster,
} from '../../../model/wire/studio.ts'
import type { HttpApp } from '../../../service/http.ts'
import type { CharacterSummary } from '../../../store/accounts/accounts.ts'
import { actorIn, serviceGuard } from '../../access/serviceTokens.ts'
import { checkLine } from '../../studio/checkLine.ts'
import { deleted, routesFor } from '../route.ts'
import { importRoute } from './importRoute.ts'
import { keyIn, nextOf } from './page.ts'
import type { StudioRoutes } from './parts.ts'

const ofAccount = z.object({ account: accountId })
const ofCharacter = z.object({ character: characterId })
const ofGuild = z.object({ guild: guildId })
const ofPair = z.object({ character: characterId, other: characterId })
const applied = z.object({ applied: z.literal(true) })

/** The studio's own truth about its players: every write is an upsert by key, every read of many comes in pages. */
export function studioRoutes(app: HttpApp, routes: StudioRoutes): void {
  importRoute(app, routes)
  accountRoutes(app, routes)
  characterRoutes(app, routes)
  relationRoutes(app, routes)
  guildRoutes(app, routes)
}

function accountRoutes(app: HttpApp, routes: StudioRoutes): void {
  const { studio, accounts, guard } = routes
  const read = routesFor(serviceGuard(guard, 'players:read'), 'service')
  const mayWrite = routesFor(serviceGuard(guard, 'players:write'), 'service')
  app.get('/v1/studio/accounts', read('Accounts, by id.', accountPage, { querystring: pageQuery }), async ({ query: { after, limit } }) =>
    nextOf(await studio.accounts(defined({ after: keyIn(after, 1)?.[0], limit })), limit, ({ account }) => [account]),
  )
  app.get('/v1/studio/accounts/:account', read('One account.', studioAccount, { params: ofAccount }), ({ params: { account } }) => accountOf(account))
  app.put(
    '/v1/studio/accounts/:account',
    mayWrite('Makes or changes an account.', studioAccount, { params: ofAccount, body: accountFields }),
    async ({ params: { account }, body }) => {
      await write(routes, { kind: 'account', account, ...body })
      return accountOf(account)
    },
  )

  async function accountOf(account: AccountId): Promise<z.infer<typeof studioAccount>> {
    const found = await accounts.account(account)
    if (found === undefined) throw new StrataError('ACCOUNT_UNKNOWN', { account })
    return found
  }
}

function characterRoutes(app: HttpApp, routes: StudioRoutes): void {
  const { parts, studio, accounts, guard } = routes
  const read = routesFor(serviceGuard(guard, 'players:read'), 'service')
  const mayWrite = routesFor(serviceGuard(guard, 'players:write'), 'service')
  app.get(
    '/v1/studio/characters',
    read('Characters, by id; all, or those of one account.', characterPage, {
      querystring: pageQuery.extend({ account: accountId.exactOptional() }),
    }),
    async ({ query: { after, limit, account } }) => {
      const found = await studio.characters(defined({ after: keyIn(after, 1)?.[0], limit, account }))
      return nextOf(found.map(recordOf), limit, ({ character }) => [character])
    },
  )
  app.get('/v1/studio/characters/:character', read('One character.', studioCharacter, { params: ofCharacter }), ({ params: { character } }) =>
    characterOf(character),
  )
  app.put(
    '/v1/studio/characters/:character',
    mayWrite('Makes or changes a character.', studioCharacter, { params: ofCharacter, body: characterFields }),
    async ({ params: { character }, body }) => {
      await write(routes, { kind: 'character', character, ...body })
      guard.ownership.forget(body.account, character)
      return characterOf(character)
    },
  )
  app.delete(
    '/v1/studio/characters/:character',
    mayWrite('Deletes a character that is not in the world. Its id is never used again.', deleted, { params: ofCharacter }),
    async (request) => {
      const { character } = request.params
      const { account } = await characterOf(character)
      if ((await parts.directory.presence([character])).has(character)) throw new StrataError('CHARACTER_IN_WORLD')
      await accounts.deleteCharacter(character)
      guard.ownership.forget(account, character)
      await accounts.audit({ actor: actorIn(request), action: 'delete character', subject: account, details: { character } })
      return { deleted: true as const }
    },
  )

  async function characterOf(character: CharacterId): Promise<z.infer<typeof studioCharacter>> {
    const found = await studio.character(character)
    if (found === undefined) throw new StrataError('CHARACTER_UNKNOWN', { character })
    return recordOf(found)
  }
}

/** Settings of presence and company are the player's own. */
function recordOf({ settings: _, ...record }: CharacterSummary): z.infer<typeof studioCharacter> {
  return record
}

function relationRoutes(app: HttpApp, routes: StudioRoutes): void {
  const { studio, guard } = routes
  const read = routesFor(serviceGuard(guard, 'players:read'), 'service')
  const mayWrite = routesFor(serviceGuard(guard, 'social:write'), 'service')
  app.get(
    '/v1/studio/friendships',
    read('Friendships, each pair once; all, or those of one character.', friendshipPage, {
      querystring: pageQuery.extend({ character: characterId.exactOptional() }),
    }),
    async ({ query: { after, limit, character } }) =>
      nextOf(await studio.friendships(defined({ after: pairIn(after), limit, character })), limit, ({ characters }) => characters),
  )
  app.get(
    '/v1/studio/blocks',
    read('Blocks between accounts; all, or those that one account has made.', blockPage, {
      querystring: pageQuery.extend({ account: accountId.exactOptional() }),
    }),
    async ({ query: { after, limit, account } }) =>
      nextOf(await studio.blocks(defined({ after: pairIn(after), limit, account })), limit, (row) => [row.account, row.blockedAccount]),
  )
  for (const remove of [false, true]) {
    const method = remove ? 'DELETE' : 'PUT'
    app.route({
      method,
      url: '/v1/studio/friendships/:character/:other',
      ...mayWrite(remove ? 'Ends a friendship.' : 'Makes a friendship between two characters.', applied, { params: ofPair }),
      handler: async ({ params: { character, other } }) => write(routes, { kind: 'friendship', characters: [character, other], remove }),
    })
    app.route({
      method,
      url: '/v1/studio/blocks/:character/:other',
      ...mayWrite(remove ? 'Ends a block.' : 'The first character blocks the account of the second one.', applied, { params: ofPair }),
      handler: async ({ params: { character, other } }) => write(routes, { kind: 'block', character, blocked: other, remove }),
    })
  }
}

function guildRoutes(app: HttpApp, routes: StudioRoutes): void {
  const { studio, guard } = routes
  const read = routesFor(serviceGuard(guard, 'players:read'), 'service')
  const mayWrite = routesFor(serviceGuard(guard, 'social:write'), 'service')
  app.get('/v1/studio/guilds', read('Guilds, by id.', guildPage, { querystring: pageQuery }), async ({ query: { after, limit } }) =>
    nextOf(await studio.guilds(defined({ after: keyIn(after, 1)?.[0], limit })), limit, ({ guild }) => [guild]),
  )
  app.get('/v1/studio/guilds/:guild', read('One guild with its roster.', studioRoster, { params: ofGuild }), ({ params: { guild } }) => rosterOf(guild))
  app.put(
    '/v1/studio/guilds/:guild',
    mayWrite('Makes or changes a guild; with members, replaces its roster.', studioRoster, { params: ofGuild, body: guildFields }),
    async ({ params: { guild }, body }) => {
      await write(routes, { kind: 'guild', guild, ...body })
      return rosterOf(guild)
    },
  )

  async function rosterOf(guild: GuildId): Promise<z.infer<typeof studioRoster>> {
    const found = await studio.roster(guild)
    if (found === undefined) throw new StrataError('BAD_REQUEST', { problem: `there is no guild "${guild}"` })
    return found
  }
}

function pairIn(after: string | undefined): readonly [string, string] | undefined {
  const [a, b] = keyIn(after, 2) ?? []
  return a === undefined || b === undefined ? undefined : [a, b]
}

/** Applies one record. Throws what the record's line would be refused with. */
async function write({ studio, names }: StudioRoutes, record: unknown): Promise<{ applied: true }> {
  const [result] = await studio.apply([checkLine(record, names)])
  if (result === undefined) throw new Error('a record has no result')
  if (!result.ok) throw new StrataError(result.code, result.details)
  return { applied: true }
}
