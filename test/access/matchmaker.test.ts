import pg from 'pg'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { matchmakerAccess } from '../../model/access/routes.ts'
import { createHttp } from '../../service/http.ts'
import { createLogger } from '../../service/log.ts'
import type { PostgresStore } from '../../store/postgresStore.ts'
import { freshStore } from '../freshStore.ts'
import { Realm } from '../matchmaker/realm.ts'
import { OPERATOR, type Served, served } from '../matchmaker/served.ts'
import { makeCharacter } from '../people.ts'
import { closedRows, keyPair, type Parties, rightful, session, strangers, type Token } from './callers.ts'
import { type Answer, admitted, codeIn, lineOf } from './walk.ts'

const rows = Object.entries(matchmakerAccess)

let database: Awaited<ReturnType<typeof freshStore>>
let store: PostgresStore
let realm: Realm
let api: Served
let victim: { character: string; account: string; name: string }
let other: { character: string; account: string; name: string }
let parties: Parties

beforeAll(async () => {
  database = await freshStore()
  store = database.store
  realm = await Realm.create(store)
  await realm.open('forest-1')
  const [sessionKeys, serviceKeys, foreign] = [await keyPair(), await keyPair(), await keyPair()]
  api = await served(realm, {
    sessionKeys,
    studio: store.studio,
    economy: store.economy,
    serviceKeys: () => [serviceKeys.publicKey],
    perAddressPerSecond: 1_000_000,
  })
  victim = await makeCharacter(store, { name: 'Victim Vera' })
  other = await makeCharacter(store, { name: 'Other Otto' })
  const now = (): number => realm.clock.now()
  parties = { session: sessionKeys, service: serviceKeys, foreign, operatorToken: OPERATOR, victim: victim.account, other: other.account, now }
})
afterAll(async () => {
  await api[Symbol.asyncDispose]()
  await realm[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
})

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

interface Attempt {
  app?: Served['app']
  /** Character in whose name the request acts. */
  as?: string
}

/** A request that acts for a character, the victim unless another one is named. */
async function attempt(route: string, token: Token, { app = api.app, as = victim.character }: Attempt = {}): Promise<Answer> {
  const [method = '', path = ''] = route.split(' ')
  // Bodies of routes that read the body before they know whose character it is about.
  const bodies: Record<string, object> = {
    'PATCH /v1/characters/:character': { name: `Stolen ${as}` },
    'POST /v1/characters': { name: 'Newly Made' },
    'POST /v1/enter': { character: as, map: 'forest' },
  }
  const answer = await app.inject({
    method: method as 'GET',
    url: path.replace(':character', as).replaceAll(/:\w+/g, 'any'),
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      'strata-character': as,
      'idempotency-key': 'walk',
      'x-line-ticket': 'none',
      'x-ticket': 'none',
    },
    ...(['POST', 'PUT', 'PATCH'].includes(method) ? { payload: bodies[route] ?? { character: as, reason: 'walk' } } : {}),
  })
  return { status: answer.statusCode, text: answer.body }
}

describe('X1: every route of the matchmaker and of the studio refuses', () => {
  for (const stranger of strangers) {
    it(stranger.kind, { timeout: 120_000 }, async () => {
      const before = await stored()
      expect(await admitted({ table: matchmakerAccess, ask: attempt }, stranger, parties)).toEqual([])
      expect(await stored()).toEqual(before)
    })
  }

  /** They are about all characters of the caller's account, and name none. */
  const aboutOwnAccount = ['GET /v1/characters', 'POST /v1/characters']

  it('another player, in the name of a character that is not theirs', async () => {
    const before = await stored()
    const token = await session(parties, other.account)
    const found: string[] = []
    for (const [route, who] of closedRows(matchmakerAccess)) {
      if (aboutOwnAccount.includes(route)) continue
      const answer = await attempt(route, token)
      const refused = who === 'account' || who === 'character' ? '404 CHARACTER_UNKNOWN' : '401 '
      if (!`${answer.status} ${codeIn(answer)}`.startsWith(refused)) found.push(lineOf(route, who, token, answer))
    }
    expect(found).toEqual([])
    expect(await stored()).toEqual(before)
    for (const route of aboutOwnAccount) {
      expect(matchmakerAccess[route]).toBe('account')
      const { status, text } = await attempt(route, token)
      expect([status < 300, text.includes(victim.character)], route).toEqual([true, false])
    }
    expect((await store.accounts.charactersOf(victim.account)).map(({ name }) => name)).toEqual([victim.name])
  })

  it('everybody on the development login outside development', async () => {
    await using production = await served(realm, { development: false, economy: store.economy })
    for (const [route, who] of rows) {
      if (who !== 'development') continue
      for (const token of [undefined, OPERATOR, await session(parties, victim.account)])
        expect((await attempt(route, token, { app: production.app })).status).toBe(403)
    }
  })
})

describe('the table of access', () => {
  it('admits the callers that a row names', { timeout: 60_000 }, async () => {
    const found: string[] = []
    let callers = 0
    for (const [route, who] of rows) {
      for (const n of (await rightful(who, parties)).keys()) {
        // A character of its own for each request: some delete it, or ban its account.
        const own = await makeCharacter(store, { name: `Rightful ${String.fromCharCode(97 + (callers % 26), 97 + Math.floor(callers / 26))}` })
        callers++
        const token = (await rightful(who, { ...parties, victim: own.account }))[n]
        const answer = await attempt(route, token, { as: own.character })
        const code = codeIn(answer)
        // Some paths name a second character, or one that asked for friendship: these are not there, and the character itself is.
        const ownUnknown = code === 'CHARACTER_UNKNOWN' && !/:other|requests/.test(route)
        if ([401, 403, 429, 500].includes(answer.status) || ownUnknown || code === 'NOT_FOUND') found.push(lineOf(route, who, token, answer))
      }
    }
    expect(found).toEqual([])
    expect(callers).toBeGreaterThan(rows.length)
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
