import { request } from 'node:http'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { matchmakerAccess, orchestratorAccess } from '../../model/access/routes.ts'
import { defined } from '../../model/defined.ts'
import { catalogue } from '../../model/errors.ts'
import { ADMIN_TOKEN, ServedWorld } from '../../orchestrator/testing/servedWorld.ts'
import type { PostgresStore } from '../../store/postgresStore.ts'
import { freshStore } from '../freshStore.ts'
import { Realm } from '../matchmaker/realm.ts'
import { OPERATOR, type Served, served } from '../matchmaker/served.ts'
import { makeCharacter } from '../people.ts'
import type { Answer } from './walk.ts'

/** Requests per route. */
const RUNS = 30

/** A player with a party, a guild, friends and money. Another one for each route, because a request may change it. */
async function newPlayer(n: number): Promise<{ character: string; session: string }> {
  const letters = [...String(n)].map((digit) => 'bcdfghjkpq'[Number(digit)]).join('')
  const { character, account } = await makeCharacter(store, { name: `Player ${letters}`, guild: 'Fuzzies', friends: ['Other Otto'] })
  await store.economy.grant({ actor: 'test', key: character }, { character, money: 50, items: ['sword'], reason: 'test' })
  await store.social.createParty(`party of ${character}`, character)
  return { character, session: await api.sessions.issue(account) }
}

const stack = new AsyncDisposableStack()
let api: Served
let players: string
let admin: string
let store: PostgresStore
beforeAll(async () => {
  store = stack.use(await freshStore()).store
  const realm = stack.use(await Realm.create(store))
  await realm.open('forest-1')
  api = stack.use(
    await served(realm, { studio: store.studio, economy: store.economy, perAddressPerSecond: 1_000_000, perSessionPerSecond: 1_000_000, longPollMs: 0 }),
  )
  players = await api.app.listen({ host: '127.0.0.1', port: 0 })
  await makeCharacter(store, { name: 'Other Otto' })
  const world = stack.use(new ServedWorld(store))
  admin = (await world.orchestrator({ console: { matchmaker: { url: players, operatorToken: OPERATOR } } })).url
})
afterAll(() => stack.disposeAsync())

/** Texts that databases, URLs, terminals and JavaScript objects treat in their own way. */
const texts = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('other-otto', 'Other Otto', 'forest', 'forest-1', 'fuzz-party', 'guild-fuzzies', 'member', '2') },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      '',
      ' ',
      '\u0000',
      'a\u0000b',
      '\ud800',
      'a\udfffb',
      '\u202e',
      '\n',
      '__proto__',
      'constructor',
      'toString',
      "'; DROP TABLE characters; --",
      '%00',
      '../..',
      '{}',
      'x'.repeat(300),
    ),
  },
  fc.string({ unit: 'binary', maxLength: 20 }),
)
const numbers = fc.oneof(
  fc.constantFrom(-1, 0, 1, 0.5, 2 ** 31, 2 ** 53, 2 ** 53 + 2, 2 ** 63, 1e308, -1e308, 5e-324),
  fc.integer(),
  fc.double({ noNaN: true }),
)
const values: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: texts },
  { weight: 2, arbitrary: numbers },
  fc.constantFrom(null, true, false, [], {}),
  fc.array(fc.oneof(texts, numbers), { maxLength: 3 }),
  fc.dictionary(texts, fc.oneof(texts, numbers), { maxKeys: 3 }),
  fc.jsonValue({ maxDepth: 3 }),
)

/** Field names of the bodies of all routes; a body has some of them, so that many reach the code behind the schema. */
const fields = [
  'account accountId alone amount body border buyout characters character class copy displayName friend from guild hours instance items kind languages latencyMs',
  'map members money name protocol rank reason region server settings startPrice subject text to until wholeParty blocked remove limit follow presence',
].flatMap((names) => names.split(' '))
const shaped = fc.record(Object.fromEntries(fields.map((name) => [name, values])), { requiredKeys: [] })
/** Bodies of the right shape for some route. */
const rightBodies: readonly object[] = [
  { character: 'other-otto' },
  { character: 'other-otto', rank: 'member' },
  { to: 'other-otto', subject: 'Hello', body: 'text', money: 1, items: [] },
  { items: ['sword'], startPrice: 1, buyout: 2, hours: 2 },
  { amount: 5 },
  { map: 'forest', latencyMs: { eu: 5 }, class: 'default', region: 'eu' },
  { friend: 'other-otto' },
  { name: 'New Name', languages: ['de'], settings: { presence: 'nobody' } },
  { account: 'an account', name: 'New Name', languages: ['de'], attributes: { level: 5 }, guild: null },
  { guild: 'guild-fuzzies' },
  { name: 'Fuzzies', members: [{ character: 'other-otto', rank: 'leader' }] },
  { money: 1, items: [] },
  { displayName: 'Freya' },
  { reason: 'a reason' },
  { account: 'an account', reason: 'a reason', until: 1e12 },
  { text: 'a message', reason: 'a reason' },
  { server: 's1' },
  { copy: 'forest-1' },
]
const right = fc.constantFrom(...rightBodies)
/** A body of the right shape with one wrong value. */
const spoilt = fc.tuple(right, fc.nat(), values).map(([body, n, value]) => {
  const keys = Object.keys(body)
  return { ...body, [keys[n % keys.length] ?? 'character']: value }
})
const deep = fc.constantFrom(`${'['.repeat(20_000)}${']'.repeat(20_000)}`, `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`)
const json = fc.oneof(right, { weight: 5, arbitrary: spoilt }, shaped, values).map((value) => JSON.stringify(value) ?? 'null')
const bodies: fc.Arbitrary<string | Buffer> = fc.oneof(
  { weight: 10, arbitrary: json },
  fc.tuple(json, fc.nat(60)).map(([text, length]) => text.slice(0, length)),
  fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
  fc.uint8Array({ minLength: 1, maxLength: 5 }).map((bytes) => Buffer.concat([Buffer.from('{"character":"'), Buffer.from(bytes), Buffer.from('"}')])),
  fc.constantFrom(
    '{"character":1e999}',
    '{"amount":-1e999}',
    '{"amount":123456789012345678901234567890}',
    '{"character":"other-otto","character":7}',
    '{"__proto__":{"admin":true},"character":"other-otto"}',
    '{"character":"other-otto","constructor":{"prototype":{"admin":true}}}',
    '{"character":{"__proto__":{"admin":true}}}',
    `{"character":"${'x'.repeat(70_000)}"}`,
  ),
  deep,
)
const type = fc.constantFrom(
  ...Array<string>(8).fill('application/json'),
  '',
  'text/plain',
  'application/x-ndjson',
  'multipart/form-data; boundary=x',
  'a/b; =',
)

interface Fuzzed {
  params: string[]
  query: string
  body: string | Buffer
  contentType: string
  header: string
}
const fuzzed: fc.Arbitrary<Fuzzed> = fc.record({
  params: fc.array(texts, { minLength: 3, maxLength: 3 }),
  query: fc.oneof(
    { weight: 3, arbitrary: fc.constant('') },
    fc.tuple(fc.constantFrom('limit', 'after', 'map', 'from', 'account', '__proto__'), texts).map(([name, value]) => `?${name}=${encoded(value)}`),
  ),
  body: bodies,
  contentType: type,
  header: fc.oneof(
    fc.constantFrom('a-key', '', '__proto__', 'x'.repeat(5_000)),
    fc.string({ maxLength: 30 }).filter((text) => /^[ -~]*$/.test(text)),
  ),
})

const inert: Fuzzed = { params: ['x', 'x', 'x'], query: '', body: '{}', contentType: 'application/json', header: 'a-key' }
/** Tried on every route: texts that no database stores, in each part of the request. */
const always: [Fuzzed][] = ['a\0b', 'half \ud800'].flatMap((text): [Fuzzed][] => [
  [{ ...inert, params: [text, text, text] }],
  ...['limit', 'after', 'map'].map((name): [Fuzzed] => [{ ...inert, query: `?${name}=${encoded(text)}` }]),
  ...rightBodies.map((body): [Fuzzed] => [{ ...inert, body: JSON.stringify(body, (_key, value: unknown) => (typeof value === 'string' ? text : value)) }]),
])

/** Each route gets other requests. */
function seedOf(route: string): number {
  return [...route].reduce((sum, letter) => (31 * sum + (letter.codePointAt(0) ?? 0)) % 1_000_003, fc.readConfigureGlobal().seed ?? 0)
}

/** Percent-encoded; halves of surrogate pairs as their bytes, which are not UTF-8. */
function encoded(text: string): string {
  return text.isWellFormed() ? encodeURIComponent(text) : '%ED%A0%80'
}

function urlOf(path: string, { params, query }: Fuzzed): string {
  let n = 0
  return `${path.replaceAll(/:\w+/g, () => encoded(params[n++] ?? '') || 'x')}${query}`
}

interface Sent {
  method: string
  url: string
  headers: Record<string, string>
  body?: string | Buffer
}

async function inject({ method, url, headers, body }: Sent): Promise<Answer> {
  const answer = await api.app.inject({ method: method as 'GET', url, headers, ...defined({ payload: body }) })
  return { status: answer.statusCode, text: answer.body }
}

/** An import reads the body as a stream, which needs a socket. `fetch` would refuse to send some of these requests. */
function overSocket(base: string): (sent: Sent) => Promise<Answer> {
  return ({ method, url, headers, body }) =>
    new Promise((resolve, reject) => {
      const sending = request(`${base}${url}`, { method, headers })
      sending.once('error', reject)
      sending.once('response', (response) => {
        let text = ''
        // A stream of events does not end by itself.
        if (response.headers['content-type'] === 'text/event-stream') {
          resolve({ status: response.statusCode ?? 0, text })
          return response.destroy()
        }
        response.setEncoding('utf8').on('data', (piece: string) => {
          text += piece
        })
        response.once('error', reject).once('end', () => resolve({ status: response.statusCode ?? 0, text }))
      })
      sending.end(body)
    })
}

/** The answer of a refusal is an error of the catalogue with a message; nothing that a client sends is a fault of the service. */
function check(route: string, { body }: Fuzzed, { status, text }: Answer): void {
  const sent = `${route} ${String(body).slice(0, 200)}: ${text.slice(0, 300)}`
  // The page of the console is not built in every checkout, and its files are no JSON.
  if (route.startsWith('GET /console')) return expect([200, 302, 400, 404, 503], sent).toContain(status)
  expect(status, sent).toBeLessThan(500)
  expect(Object.keys(Object.prototype), sent).toEqual([])
  if (status < 400 || route.startsWith('HEAD')) return
  const { error } = JSON.parse(text) as { error: { code: string; message: string } } // checked below
  expect(Object.keys(catalogue), sent).toContain(error.code)
  expect(error.message.length, sent).toBeGreaterThan(10)
}

describe('X1: any path, query, header and body gets an answer or a clear error', () => {
  for (const [n, [route, who]] of Object.entries(matchmakerAccess).entries()) {
    const [method = '', path = ''] = route.split(' ')
    it(route, { timeout: 60_000 }, async () => {
      const own = await newPlayer(n)
      const token = who === 'account' || who === 'character' ? own.session : OPERATOR
      await fc.assert(
        fc.asyncProperty(fuzzed, async (one) => {
          const withBody = method !== 'GET' && method !== 'DELETE'
          const answer = await (route === 'POST /v1/studio/import' ? overSocket(players) : inject)({
            method,
            url: urlOf(path, one),
            headers: {
              authorization: `Bearer ${token}`,
              'strata-character': own.character,
              'idempotency-key': one.header.slice(0, 60),
              'x-line-ticket': one.header,
              'x-ticket': one.header,
              ...(withBody && one.contentType !== '' ? { 'content-type': one.contentType } : {}),
            },
            ...(withBody ? { body: one.body } : {}),
          })
          // An import answers each line by itself; its own property is in studio.test.ts.
          if (!(route === 'POST /v1/studio/import' && answer.status === 200)) check(route, one, answer)
        }),
        { numRuns: RUNS + always.length, examples: always, seed: seedOf(route) },
      )
      // The player is still there, so that all requests came as far as their route.
      expect(
        (await inject({ method: 'GET', url: '/v1/party', headers: { authorization: `Bearer ${own.session}`, 'strata-character': own.character } })).text,
      ).not.toContain('CHARACTER_UNKNOWN')
    })
  }

  for (const route of Object.keys(orchestratorAccess)) {
    const [method = '', path = ''] = route.split(' ')
    it(`${route} of the orchestrator`, { timeout: 60_000 }, async () => {
      await fc.assert(
        fc.asyncProperty(fuzzed, async (one) => {
          const withBody = method !== 'GET' && method !== 'DELETE'
          const answer = await overSocket(admin)({
            method,
            url: urlOf(path, one),
            headers: { authorization: `Bearer ${ADMIN_TOKEN}`, ...(withBody && one.contentType !== '' ? { 'content-type': one.contentType } : {}) },
            ...(withBody ? { body: one.body } : {}),
          })
          check(route, one, answer)
        }),
        { numRuns: RUNS + always.length, examples: always, seed: seedOf(route) },
      )
    })
  }
})
