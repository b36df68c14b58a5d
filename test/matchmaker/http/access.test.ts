import { generateKeyPair, SignJWT } from 'jose'
import pg from 'pg'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { matchmakerAccess } from '../../../model/access/routes.ts'
import type { Who } from '../../../model/access/who.ts'
import { type Scope, scopes, signServiceToken } from '../../../model/ticket/serviceToken.ts'
import { createHttp } from '../../../service/http.ts'
import { createLogger } from '../../../service/log.ts'
import type { PostgresStore } from '../../../store/postgresStore.ts'
import { freshStore } from '../../freshStore.ts'
import { makeCharacter } from '../../people.ts'
import { Realm } from '../realm.ts'
import { type Served, served } from '../served.ts'

const rows = Object.entries(matchmakerAccess)
const isScope = (who: Who): who is Scope => (scopes as readonly string[]).includes(who)
const open = (who: Who) => who === 'anyone' || who === 'development'

let database: Awaited<ReturnType<typeof freshStore>>
let store: PostgresStore
let realm: Realm
let api: Served
let victim: { character: string; account: string }
let other: { character: string; account: string }
let serviceKey: CryptoKey
let foreignKey: CryptoKey

beforeAll(async () => {
  database = await freshStore()
  store = database.store
  realm = await Realm.create(store)
  await realm.open('forest-1')
  const { privateKey, publicKey } = await generateKeyPair('EdDSA', { extractable: true })
  serviceKey = privateKey
  foreignKey = (await generateKeyPair('EdDSA', { extractable: true })).privateKey
  api = await served(realm, { studio: store.studio, economy: store.economy, serviceKeys: () => [publicKey] })
  victim = await makeCharacter(store, { name: 'Victim Vera' })
  other = await makeCharacter(store, { name: 'Other Otto' })
})
afterAll(async () => {
  await api[Symbol.asyncDispose]()
  await realm[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
})

const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
const seconds = () => Math.floor(realm.clock.now() / 1000)
const unsigned = (claims: object) => `${encoded({ alg: 'none', typ: 'JWT' })}.${encoded({ exp: seconds() + 600, ...claims })}.`
const serviceToken = (granted: readonly Scope[], key = serviceKey, ttlMs = 600_000) =>
  signServiceToken({ name: 'walker', scopes: granted, expires: realm.clock.now() + ttlMs }, key, realm.clock.now())
const sessionBy = (key: CryptoKey, expires: number) =>
  new SignJWT()
    .setProtectedHeader({ alg: 'EdDSA', kid: api.sessions.jwks.keys[0]?.kid ?? '' })
    .setSubject(victim.account)
    .setAudience('strata:session')
    .setExpirationTime(expires)
    .sign(key)

/** A digest of each table. */
async function stored(): Promise<Record<string, string>> {
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  try {
    const digests: Record<string, string> = {}
    const { rows: tables } = await client.query<{ name: string }>("SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
    for (const { name } of tables) {
      const found = await client.query<{ digest: string }>(`SELECT coalesce(md5(string_agg(t::text, '' ORDER BY t::text)), '') AS digest FROM "${name}" t`)
      digests[name] = found.rows[0]?.digest ?? ''
    }
    return digests
  } finally {
    await client.end()
  }
}

/** Bodies of routes that read the body before they know whose character it is about. */
const bodies: Record<string, object> = {
  'PATCH /v1/characters/:character': { name: 'Stolen' },
  'POST /v1/enter': { character: 'victim-vera', map: 'forest' },
}

/** A request that would act for the victim. */
async function attempt(route: string, token: string | undefined, app = api.app) {
  const [method = '', path = ''] = route.split(' ')
  const body = bodies[route] ?? { character: victim.character, reason: 'walk' }
  const answer = await app.inject({
    method: method as 'GET',
    url: path.replace(':character', victim.character).replaceAll(/:\w+/g, 'any'),
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      'strata-character': victim.character,
      'idempotency-key': 'walk',
      'x-line-ticket': 'none',
      'x-ticket': 'none',
    },
    ...(['POST', 'PUT', 'PATCH'].includes(method) ? { payload: body } : {}),
  })
  return { status: answer.statusCode, text: answer.body }
}

type Token = string | undefined

/** Sends each token to each route that must refuse its bearer. */
async function walk(refused: (who: Who, route: string) => boolean, tokensFor: (who: Who) => Promise<Token[]>): Promise<void> {
  const before = await stored()
  const admitted: string[] = []
  for (const [route, who] of rows) {
    if (!refused(who, route)) continue
    for (const token of await tokensFor(who)) {
      const { status, text } = await attempt(route, token)
      if (![401, 403, 404].includes(status)) admitted.push(`${route} (${who}) answered ${status} to ${token}: ${text.slice(0, 200)}`)
    }
  }
  expect(admitted).toEqual([])
  expect(await stored()).toEqual(before)
}

const closed = (who: Who) => !open(who)
const players = (who: Who) => who === 'account' || who === 'character' || who === 'own character or operator'

describe('X1: every route refuses', () => {
  it('nobody', () => walk(closed, async () => [undefined, '', 'x.y.z', 'operators']))

  it('another player, in the name of a character that is not theirs', async () => {
    // The other routes of an account are about the caller's own account only.
    const aboutCharacter = (route: string) => route.includes(':character') || route === 'POST /v1/enter'
    await walk(
      (who, route) => closed(who) && (who !== 'account' || aboutCharacter(route)),
      async () => [await api.sessions.issue(other.account)],
    )
    const list = await attempt('GET /v1/characters', await api.sessions.issue(other.account))
    expect(list.text).not.toContain(victim.character)
  })

  it('a service token without the scope', async () => {
    await walk(isScope, async (who) => [await serviceToken(scopes.filter((scope) => scope !== who)), await serviceToken([])])
    const { status, text } = await attempt('GET /v1/audit', await serviceToken(['players:read']))
    expect([status, text]).toEqual([403, expect.stringContaining('SCOPE_MISSING')])
  })

  it("a service token on a player's route", () => walk(players, async () => [await serviceToken(scopes.filter((scope) => scope !== 'operator'))]))

  it("a player's session on a service's route", () => walk(isScope, async () => [await api.sessions.issue(victim.account)]))

  it('expired tokens', () =>
    walk(closed, async () => [await serviceToken(scopes, serviceKey, -1_000), await sessionBy(api.sessions.mayIssue().key, seconds() - 1)]))

  it('tokens of a foreign key', () => walk(closed, async () => [await serviceToken(scopes, foreignKey), await sessionBy(foreignKey, seconds() + 600)]))

  it('unsigned tokens', () =>
    walk(closed, async () => [
      unsigned({ sub: 'walker', aud: 'strata:service', scope: scopes.join(' ') }),
      unsigned({ sub: victim.account, aud: 'strata:session' }),
    ]))

  it('everybody on the development login outside development', async () => {
    await using production = await served(realm, { development: false, economy: store.economy })
    for (const [route, who] of rows) if (who === 'development') expect((await attempt(route, undefined, production.app)).status).toBe(403)
  })
})

describe('the table of access', () => {
  it('admits the callers that a row names', async () => {
    const session = await api.sessions.issue(victim.account)
    const operator = await serviceToken(['operator'])
    for (const [route, token] of [
      ['GET /v1/characters', session],
      ['GET /v1/holdings', session],
      ['GET /v1/explain/:character', session],
      ['GET /v1/explain/:character', operator],
      ['GET /v1/audit', operator],
    ] as const)
      expect((await attempt(route, token)).status, route).toBe(200)
  })

  it('has a route for each row', () => {
    for (const [route] of rows) {
      const [method = '', url = ''] = route.split(' ')
      expect(api.app.hasRoute({ method: method as 'GET', url }), route).toBe(true)
    }
  })

  it('X1: a route without a row, and one with another guard than its row says, stop the process at its start', () => {
    const app = createHttp(createLogger('test', 'silent'), undefined, { access: { 'GET /v1/open': 'anyone', 'GET /v1/closed': 'operator' } })
    app.get('/v1/open', () => 'open')
    expect(() => app.get('/v1/forgotten', () => '')).toThrow('GET /v1/forgotten has no row')
    expect(() => app.get('/v1/closed', () => '')).toThrow('lets "anyone" in, but its row in model/access/routes.ts says "operator"')
  })
})

it('X1: an error that nobody expected shows an id for the log, and no message of the database', async () => {
  const lines: string[] = []
  const app = createHttp(pino({ level: 'error' }, { write: (line: string) => void lines.push(line) }), undefined)
  app.get('/v1/broken', () => Promise.reject(new Error('duplicate key value violates unique constraint "people_pkey"')))
  const { statusCode, body } = await app.inject('/v1/broken')
  const { error } = JSON.parse(body) as { error: { code: string; details: { id: string } } } // the error's body, model/wire/matchmaker.ts
  expect([statusCode, error.code, body.includes('people_pkey')]).toEqual([500, 'INTERNAL', false])
  expect(lines.join('')).toContain(error.details.id)
  expect(lines.join('')).toContain('people_pkey')
})
