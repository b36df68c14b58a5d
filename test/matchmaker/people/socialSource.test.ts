import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { Registry } from 'prom-client'
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { createStore, type PostgresStore } from '../../../store/postgresStore.ts'
import { HttpSource } from '../../../store/source/httpSource.ts'
import { freshStore } from '../../freshStore.ts'
import { makeCharacter } from '../../people.ts'
import { enterAs, Realm } from '../realm.ts'

const WAIT_MS = 300
const AGE_MS = 150

let database: Awaited<ReturnType<typeof freshStore>>
let endpoint: Server
let url: string
/** What the endpoint does with a request. */
let reply: (people: { character: string; account: string }[]) => Promise<{ status?: number; body: string }>
let asked: { people: { character: string; account: string }[]; authorization: string | undefined }[]

beforeAll(async () => {
  database = await freshStore()
  endpoint = createServer((request, response) => {
    let text = ''
    request.on('data', (chunk: Buffer) => {
      text += chunk.toString()
    })
    request.on('end', async () => {
      const { people } = JSON.parse(text) as { people: { character: string; account: string }[] } // sent by the code under test
      asked.push({ people, authorization: request.headers.authorization })
      const { status = 200, body } = await reply(people)
      response.writeHead(status, { 'content-type': 'application/json' }).end(body)
    })
  })
  await new Promise<void>((resolve) => endpoint.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}` // a server on TCP
})
beforeEach(() => {
  asked = []
})
afterAll(async () => {
  endpoint.closeAllConnections()
  endpoint.close()
  await database[Symbol.asyncDispose]()
})

async function sourced(address = url): Promise<AsyncDisposable & { store: PostgresStore; registry: Registry }> {
  const registry = new Registry()
  const source = new HttpSource({
    url: address,
    token: 'secret',
    waitMs: WAIT_MS,
    ageMs: AGE_MS,
    clock: { now: Date.now },
    registry,
    log: { warn: () => undefined },
  })
  const store = await createStore({ url: database.url, source })
  return { store, registry, [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() }
}
const friendsOf = async (store: PostgresStore, character: string) => (await store.profile(character))?.friends
const answering = (relations: object) => async (people: { character: string }[]) => ({
  body: JSON.stringify({ people: people.map(({ character }) => ({ character, ...relations })) }),
})
const metric = async (registry: Registry, text: string) => vi.waitFor(async () => expect(await registry.metrics()).toContain(text), 20_000)

it('reports whose relations changed since they were read, also when the first answer came too late for the reader', async () => {
  const source = new HttpSource({ url, waitMs: WAIT_MS, ageMs: 60_000, clock: { now: Date.now }, registry: new Registry(), log: { warn: () => undefined } })
  const changes: (readonly string[])[] = []
  const unsubscribe = source.onChange((characters) => changes.push(characters))
  const [ada, bob] = [
    { character: 'ada', account: 'ada' },
    { character: 'bob', account: 'bob' },
  ]
  reply = answering({ blocked: ['eve'] })
  expect((await source.relationsOf([ada])).get('ada')?.blocked).toEqual(['eve'])
  await pause(5)
  await source.relationsOf([ada], { ageMs: 0 })
  expect(changes).toEqual([])
  reply = answering({ blocked: [] })
  // A kept answer counts until somebody asks for a newer one.
  expect((await source.relationsOf([ada])).get('ada')?.blocked).toEqual(['eve'])
  await pause(5)
  await source.relationsOf([ada], { ageMs: 0 })
  expect(changes).toEqual([['ada']])
  expect((await source.relationsOf([ada])).get('ada')?.blocked).toEqual([])
  reply = async (people) => {
    await pause(2 * WAIT_MS)
    return answering({ blocked: ['eve'] })(people)
  }
  expect((await source.relationsOf([bob])).get('bob')?.blocked).toEqual([])
  await vi.waitFor(() => expect(changes).toEqual([['ada'], ['bob']]), 20_000)
  unsubscribe()
  reply = answering({ blocked: [] })
  await pause(5)
  await source.relationsOf([bob], { ageMs: 0 })
  expect(changes).toHaveLength(2)
})

it('profiles have the friends and blocks of the endpoint, by character and by account, and not the friends of the tables', async () => {
  const bob = await makeCharacter(database.store, { name: 'Source Bob' })
  const cid = await makeCharacter(database.store, { name: 'Source Cid' })
  const eve = await makeCharacter(database.store, { name: 'Source Eve' })
  const ada = await makeCharacter(database.store, { name: 'Source Ada', friends: ['Source Eve'] })
  expect(ada.friends).toEqual([eve.character])
  reply = answering({ friends: [bob.character], friendAccounts: [cid.account, eve.account], blockedAccounts: [eve.account] })
  await using api = await sourced()
  expect(await api.store.profile(ada.character)).toMatchObject({ friends: [bob.character, cid.character], blocked: [eve.character] })
  expect(await api.store.findCharacter('source ada')).toMatchObject({ friends: [bob.character, cid.character] })
  expect(asked[0]).toEqual({ people: [{ character: ada.character, account: ada.account }], authorization: 'Bearer secret' })
  expect(await api.store.profile(ada.character)).not.toHaveProperty('hidden')
  await database.store.accounts.describeCharacter(bob.character, { settings: { presence: 'nobody' } })
  expect(await api.store.profile(ada.character)).toMatchObject({ hidden: [bob.character] })
  // A second read within the age asks nobody.
  expect(asked).toHaveLength(1)
  await metric(api.registry, 'strata_social_source_answers_total{from="cache"} 3')
})

it('a slow endpoint delays entering by no more than the stated time; the late answer counts for the next one', async () => {
  const { character } = await makeCharacter(database.store, { name: 'Slow Sue' })
  await using api = await sourced()
  await using realm = await Realm.create(api.store)
  await realm.open('forest-1')
  const release = Promise.withResolvers<void>()
  reply = async (people) => {
    await release.promise
    return answering({ friends: ['late'] })(people)
  }
  const began = performance.now()
  expect(await enterAs(realm.matchmaker(), { character })).toMatchObject({ seat: { copy: 'forest-1' } })
  // One profile is read on the way; the rest is room for a machine under load.
  expect(performance.now() - began).toBeLessThan(WAIT_MS + 1_000)
  await metric(api.registry, 'strata_social_source_answers_total{from="none"}')
  release.resolve()
  await vi.waitFor(async () => expect(await friendsOf(api.store, character)).toEqual(['late']), 20_000)
})

it('while the endpoint is down, the last known answer counts and nobody waits', async () => {
  const { character } = await makeCharacter(database.store, { name: 'Down Dan' })
  await using api = await sourced()
  reply = answering({ friends: ['known'] })
  expect(await friendsOf(api.store, character)).toEqual(['known'])
  await pause(AGE_MS + 20)
  reply = async () => ({ status: 503, body: '' })
  expect(await friendsOf(api.store, character)).toEqual(['known'])
  const [requests, began] = [asked.length, performance.now()]
  for (let n = 0; n < 20; n++) expect(await friendsOf(api.store, character)).toEqual(['known'])
  // The source rests for 500 ms after a failure.
  if (performance.now() - began < 450) expect(asked.length).toBe(requests)
  await metric(api.registry, 'strata_social_source_requests_total{result="failed"}')
  await metric(api.registry, 'strata_social_source_answers_total{from="last_known"}')
  reply = answering({ friends: ['new'] })
  await vi.waitFor(async () => expect(await friendsOf(api.store, character)).toEqual(['new']), { timeout: 20_000, interval: 100 })
})

it('an address where nothing listens, wrong JSON, a wrong format and an endless answer leave a character without friends, and it enters', async () => {
  const { character } = await makeCharacter(database.store, { name: 'Wrong Wim' })
  const wrong: [string, string][] = [
    ['no json', 'invalid'],
    ['{"people":[{"character":"x","friends":"all"}]}', 'invalid'],
    ['{"people":[{"__proto__":{"friends":["x"]}}]}', 'invalid'],
    ['null', 'invalid'],
    [`{"people":"${'x'.repeat(5 * 1024 * 1024)}"}`, 'failed'],
  ]
  for (const [body, result] of wrong) {
    await using api = await sourced()
    reply = async () => ({ body })
    expect(await friendsOf(api.store, character), body.slice(0, 60)).toEqual([])
    await metric(api.registry, `strata_social_source_requests_total{result="${result}"} 1`)
  }
  await using nobody = await sourced('http://127.0.0.1:9')
  expect(await friendsOf(nobody.store, character)).toEqual([])
})
