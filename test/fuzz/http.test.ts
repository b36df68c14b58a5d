import { generateKeyPair } from 'jose'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { catalogue } from '../../model/errors.ts'
import { scopes, signServiceToken } from '../../model/ticket/serviceToken.ts'
import { freshStore } from '../freshStore.ts'
import { Realm } from '../matchmaker/realm.ts'
import { type Served, served } from '../matchmaker/served.ts'
import { makeCharacter } from '../people.ts'
import { fuzz, timeout } from './fuzz.ts'
import { type FuzzedRequest, type OpenApi, requestsOf } from './openApi.ts'

let database: Awaited<ReturnType<typeof freshStore>>
let realm: Realm
let api: Served
let description: OpenApi
let tokens: { player: string; service: string }
/** Ids and names that exist: of the player whose session is used, and of another one, whom bans and erasures may hit. */
let known: { player: string[]; other: string[] }

/** Answers above 499 that a valid request may get: something else is missing or full. */
const unavailable = new Set(Object.entries(catalogue).flatMap(([code, { status }]) => (status === 503 ? [code] : [])))

beforeAll(async () => {
  database = await freshStore()
  const { store } = database
  realm = await Realm.create(store)
  await realm.open('forest-1')
  const { privateKey, publicKey } = await generateKeyPair('EdDSA', { extractable: true })
  api = await served(realm, { studio: store.studio, economy: store.economy, serviceKeys: () => [publicKey], longPollMs: 20 })
  const people = [await makeCharacter(store, { name: 'Fuzzed Fay', guild: 'Fuzz' }), await makeCharacter(store, { name: 'Other Otto', guild: 'Fuzz' })]
  const [first, other] = people
  if (first === undefined || other === undefined) throw new Error('no character was made')
  const named = ({ character, account, name, guild }: typeof first) => ['forest', 'forest-1', 'Fuzz', character, account, name, guild ?? '']
  known = { player: [...named(first), ...named(other)], other: named(other) }
  tokens = {
    player: await api.sessions.issue(first.account),
    service: await signServiceToken({ name: 'fuzz', scopes, expires: realm.clock.now() + 3_600_000 * 24 }, privateKey, realm.clock.now()),
  }
  description = (await api.app.inject('/openapi.json')).json()
})
afterAll(async () => {
  await api[Symbol.asyncDispose]()
  await realm[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
})

it('X1: no request to any route of the OpenAPI description has an unexpected error, and every refusal has a code of the catalogue', { timeout }, async () => {
  expect(Object.keys(description.paths).length).toBeGreaterThan(50)
  const answers = new Map<number, number>()
  await fuzz(
    'http',
    requestsOf(description, (path) => (/^\/v1\/(studio|moderation|privacy)/.test(path) ? known.other : known.player)),
    3_000,
    async (request) => {
      for (const token of [tokens.player, tokens.service]) {
        const { statusCode, body } = await send(request, token)
        answers.set(statusCode, (answers.get(statusCode) ?? 0) + 1)
        if (statusCode < 400) continue
        const { error } = JSON.parse(body) as { error: { code: keyof typeof catalogue; message: string } }
        expect(catalogue[error.code]?.status, body).toBe(statusCode)
        if (statusCode >= 500) expect(unavailable, body).toContain(error.code)
      }
    },
  )
  // Requests that are all refused would test only the checks of the input.
  expect((answers.get(200) ?? 0) / [...answers.values()].reduce((sum, count) => sum + count, 0)).toBeGreaterThan(0.05)
  expect((await api.app.inject('/readyz')).statusCode).toBe(200)
})

function send({ route, path, query, headers, body }: FuzzedRequest, token: string) {
  const [method = '', template = ''] = route.split(' ')
  const url = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent((path[name] ?? 'x').toWellFormed()))
  return api.app.inject({
    method: method as 'GET',
    url,
    query: Object.fromEntries(Object.entries(query).map(([name, value]) => [name, value.toWellFormed()])),
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      // A header has visible Latin characters only; Node refuses others.
      ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value.replaceAll(/[^\x20-\x7e]/g, '?')])),
    },
    ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
  })
}
