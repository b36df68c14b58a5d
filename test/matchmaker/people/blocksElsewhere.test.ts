import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { Registry } from 'prom-client'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { defined } from '../../../model/defined.ts'
import { createStore, type PostgresStore } from '../../../store/postgresStore.ts'
import { HttpSource } from '../../../store/source/httpSource.ts'
import { type BlockEndpoint, startBlockEndpoint } from '../../blockEndpoint.ts'
import { freshStore } from '../../freshStore.ts'
import { makeCharacter } from '../../people.ts'
import { Realm } from '../realm.ts'
import { served } from '../served.ts'

/** Longest wait for the endpoint, in ms. */
const WAIT_MS = 300

let database: Awaited<ReturnType<typeof freshStore>>
let endpoint: BlockEndpoint
let store: PostgresStore
let api: Awaited<ReturnType<typeof service>>
beforeAll(async () => {
  database = await freshStore()
  endpoint = await startBlockEndpoint()
  const log = { warn: () => undefined }
  const source = new HttpSource({ url: endpoint.url, waitMs: WAIT_MS, ageMs: 0, clock: { now: Date.now }, registry: new Registry(), log })
  store = await createStore({ url: database.url, source })
  api = await service()
})
beforeEach(() => {
  Object.assign(endpoint, { characters: [], accounts: [], hold: Promise.resolve() })
})
afterAll(async () => {
  await api[Symbol.asyncDispose]()
  await store[Symbol.asyncDispose]()
  await endpoint[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
})

type Method = 'GET' | 'POST' | 'DELETE'

async function service() {
  const stack = new AsyncDisposableStack()
  const realm = stack.use(await Realm.create(store))
  const { app, sessions } = stack.use(await served(realm, { economy: store.economy }))
  const person = async (name: string) => {
    const { character, account } = await makeCharacter(store, { name })
    const authorization = `Bearer ${await sessions.issue(account)}`
    const ask = async (method: Method, url: string, body?: object) => {
      const answer = await app.inject({ method, url, headers: { authorization, 'idempotency-key': randomUUID() }, ...defined({ payload: body }) })
      return { status: answer.statusCode, text: answer.payload, json: answer.json() }
    }
    return { name, character, account, ask }
  }
  return { person, now: () => realm.clock.now(), [Symbol.asyncDispose]: () => stack.disposeAsync() }
}
type Someone = Awaited<ReturnType<Awaited<ReturnType<typeof service>>['person']>>

const nobody = { character: 'nobody-here', name: 'nobody-here' }

/** The answer about `other` with its names replaced, to compare it with that about a character that does not exist. */
async function answerTo(by: Someone, [method, url, body]: [Method, string, object?], other: { character: string; name: string }) {
  const { status, text } = await by.ask(method, url, body)
  return { status, text: text.replaceAll(other.character, 'X').replaceAll(other.name, 'X') }
}

for (const kind of ['characters', 'accounts'] as const) {
  const block = (one: Someone, other: Someone): void => {
    endpoint[kind] = kind === 'characters' ? [[one.character, other.character]] : [[one.account, other.account]]
  }

  it(`a block of ${kind} that only the endpoint says refuses mail, friend requests, party and guild invitations, as for a character that does not exist`, async () => {
    const [ann, ben] = [await api.person(`Post Ann ${kind}`), await api.person(`Post Ben ${kind}`)]
    for (const one of [ann, ben]) {
      expect((await one.ask('POST', '/v1/party')).status).toBe(200)
      expect((await one.ask('POST', '/v1/guild', { name: `Guild of ${one.name}` })).status).toBe(200)
    }
    block(ann, ben)
    for (const [by, other] of [
      [ann, ben],
      [ben, ann],
    ] as const) {
      const requests = (to: string): [Method, string, object][] => [
        ['POST', '/v1/mail', { to, subject: 'hello' }],
        ['POST', '/v1/friends/requests', { character: to }],
        ['POST', '/v1/party/invitations', { character: to }],
        ['POST', '/v1/guild/invite', { character: to }],
      ]
      for (const named of [other.character, other.name])
        for (const [place, request] of requests(named).entries())
          expect(await answerTo(by, request, other)).toEqual(await answerTo(by, requests(nobody.name)[place] ?? request, nobody))
      // The store itself refuses, too: between the route's look-up and its transaction a block may be made.
      const { social, economy } = store
      const unknown = { code: 'CHARACTER_UNKNOWN' }
      const limits = { size: 5, now: Date.now(), expiresAt: Date.now() + 60_000 }
      await expect(social.requestFriend(by.character, other.character, Date.now())).rejects.toMatchObject(unknown)
      await expect(social.befriend(by.character, other.character)).rejects.toMatchObject(unknown)
      await expect(social.invite(by.character, other.character, limits)).rejects.toMatchObject(unknown)
      await expect(economy.inviteToGuild(by.character, other.character)).rejects.toMatchObject(unknown)
      expect(await social.blockedAmong(by.character, [other.character, nobody.character])).toEqual(new Set([other.character]))
    }
    endpoint[kind] = []
    expect((await ann.ask('POST', '/v1/mail', { to: ben.character, subject: 'hello' })).status).toBe(200)
    expect((await ann.ask('POST', '/v1/guild/invite', { character: ben.name })).status).toBe(200)
  })

  it(`what was open before a block of ${kind} at the endpoint is neither listed nor accepted`, async () => {
    const [ann, ben] = [await api.person(`Open Ann ${kind}`), await api.person(`Open Ben ${kind}`)]
    const { party } = (await ann.ask('POST', '/v1/party')).json as { party: string }
    await ann.ask('POST', '/v1/guild', { name: `Open guild ${kind}` })
    const { guild } = (await ann.ask('POST', '/v1/guild/invite', { character: ben.character })).json as { guild: string }
    await ann.ask('POST', '/v1/party/invitations', { character: ben.character })
    await ann.ask('POST', '/v1/friends/requests', { character: ben.character })
    const open = async () => [
      (await ben.ask('GET', '/v1/party/invitations')).json.invitations.length,
      (await ben.ask('GET', '/v1/guild/invitations')).json.invitations.length,
      (await ben.ask('GET', '/v1/friends/requests')).json.received.length,
      (await ann.ask('GET', '/v1/friends/requests')).json.sent.length,
    ]
    expect(await open()).toEqual([1, 1, 1, 1])
    block(ben, ann)
    expect(await open()).toEqual([0, 0, 0, 0])
    await expect(store.social.acceptInvitation(ben.character, party, { size: 5, now: api.now() })).rejects.toMatchObject({ code: 'INVITATION_UNKNOWN' })
    await expect(store.economy.joinGuild(ben.character, guild)).rejects.toMatchObject({ code: 'GUILD_REFUSED' })
    await expect(store.social.acceptFriend(ben.character, ann.character)).rejects.toMatchObject({ code: 'CHARACTER_UNKNOWN' })
    // The endpoint may be wrong for a moment: what was open is open again.
    endpoint[kind] = []
    expect(await open()).toEqual([1, 1, 1, 1])
  })

  it(`a block of ${kind} at the endpoint wins over auctions: neither side sees, bids on or buys from the other, with the answer of an auction that ended`, async () => {
    const [seller, other, third] = [await api.person(`Sale Ann ${kind}`), await api.person(`Sale Ben ${kind}`), await api.person(`Sale Cid ${kind}`)]
    for (const { character } of [seller, other, third])
      await store.economy.grant({ actor: 'test', key: character }, { character, money: 100, items: ['axe', 'bow', 'cap'], reason: 'test' })
    const list = async ({ ask, character }: Someone, item: string): Promise<string> => {
      const { items } = await store.economy.holdings(character)
      const body = { items: [items.find((one) => one.kind === item)?.id], startPrice: 10, buyout: 50, hours: 2 }
      return String((await ask('POST', '/v1/auctions', body)).json.auction)
    }
    const shown = async ({ ask }: Someone) => ((await ask('GET', '/v1/auctions')).json.auctions as { id: string }[]).map(({ id }) => id)
    const bid = async ({ ask }: Someone, auction: string, amount: number) => (await ask('POST', `/v1/auctions/${auction}/bid`, { amount })).text
    const buy = async ({ ask }: Someone, auction: string) => (await ask('POST', `/v1/auctions/${auction}/buy`)).text
    const [axe, bow, cancelled, back] = [await list(seller, 'axe'), await list(seller, 'bow'), await list(seller, 'cap'), await list(other, 'axe')]
    await seller.ask('DELETE', `/v1/auctions/${cancelled}`)
    expect(await bid(other, bow, 20)).toBe('{"bid":20}')
    block(seller, other)
    for (const [by, gone] of [
      [other, axe],
      [seller, back],
    ] as const) {
      expect(await shown(by)).not.toContain(gone)
      expect(await bid(by, gone, 20)).toBe(await bid(third, cancelled, 20))
      expect(await buy(by, gone)).toBe(await buy(third, cancelled))
    }
    expect(await shown(third)).toEqual(expect.arrayContaining([axe, bow, back]))
    // As with a block of the table, the bid that was the highest stays valid.
    expect(await shown(other)).toContain(bow)
    expect(await bid(other, bow, 30)).toBe('{"bid":30}')
    endpoint[kind] = []
    expect(await shown(other)).toEqual(expect.arrayContaining([axe, bow]))
    expect(await bid(other, axe, 20)).toBe('{"bid":20}')
  })

  it(`a block of ${kind} at the endpoint refuses a trade, and a confirmation of an open one returns the offers`, async () => {
    const { economy } = store
    const people = [await makeCharacter(store, { name: `Swap Ann ${kind}` }), await makeCharacter(store, { name: `Swap Ben ${kind}` })] as const
    const [ann, ben] = people
    const copy = `swap-${kind}`
    const held = async ({ character }: { character: string }) => ({ character, epoch: (await store.claim(character, { copy, server: 's1' })).epoch })
    const sides = [await held(ann), await held(ben)] as const
    const key = () => ({ actor: 'server', key: randomUUID() })
    await economy.grant(key(), { character: ann.character, money: 50, reason: 'test' })
    const { trade } = await economy.openTrade(key(), copy, sides)
    const { version } = await economy.offer(key(), ann.character, trade, { money: 50 })
    endpoint[kind] = kind === 'characters' ? [[ann.character, ben.character]] : [[ann.account, ben.account]]
    await expect(economy.confirm(key(), ben.character, trade, version)).rejects.toMatchObject({ code: 'TRADE_CLOSED', details: { state: 'cancelled' } })
    await expect(economy.confirm(key(), ann.character, trade, version)).rejects.toMatchObject({ code: 'TRADE_CLOSED', details: { state: 'cancelled' } })
    expect(await economy.trade(trade)).toMatchObject({ state: 'cancelled' })
    expect(await economy.holdings(ann.character)).toMatchObject({ money: 50 })
    for (const [one, other] of [sides, [sides[1], sides[0]]] as const)
      await expect(economy.openTrade(key(), copy, [one, other])).rejects.toMatchObject({ code: 'TRADE_UNKNOWN' })
    endpoint[kind] = []
    await economy.openTrade(key(), copy, sides)
  })
}

it('with a source, a block of the table counts besides those of the endpoint', async () => {
  const [ann, ben, cid] = [await api.person('Both Ann'), await api.person('Both Ben'), await api.person('Both Cid')]
  await store.social.block(ann.character, ben.character)
  endpoint.characters = [[ann.character, cid.character]]
  expect((await store.profile(ann.character))?.blocked?.toSorted()).toEqual([ben.character, cid.character].toSorted())
  for (const { character } of [ben, cid])
    expect(await answerTo(ann, ['POST', '/v1/mail', { to: character, subject: 's' }], { character, name: character })).toMatchObject({ status: 404 })
})

it('while the endpoint is slow, no transaction waits for it, and the last known block counts', async () => {
  const [ann, ben, cid] = [
    await makeCharacter(store, { name: 'Slow Ann' }),
    await makeCharacter(store, { name: 'Slow Ben' }),
    await makeCharacter(store, { name: 'Slow Cid' }),
  ]
  const mail = (from: string, to: string) => store.economy.sendMail({ actor: from, key: randomUUID() }, from, { to, subject: 's' })
  endpoint.characters = [[ann.character, ben.character]]
  await expect(mail(ann.character, ben.character)).rejects.toMatchObject({ code: 'CHARACTER_UNKNOWN' })
  await store.social.createParty('party-slow', ann.character)
  await store.economy.foundGuild(ann.character, 'Slow guild')

  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  const release = Promise.withResolvers<void>()
  endpoint.hold = release.promise
  endpoint.characters = []
  const before = endpoint.asked
  const limits = { size: 5, now: Date.now(), expiresAt: Date.now() + 60_000 }
  const began = performance.now()
  const calls = Promise.allSettled([
    mail(ann.character, ben.character),
    store.social.invite(ann.character, ben.character, limits),
    store.social.requestFriend(ann.character, ben.character, Date.now()),
    store.economy.inviteToGuild(ann.character, ben.character),
    mail(cid.character, ben.character),
  ])
  // All five wait for the endpoint now, and none of them in a transaction.
  await new Promise((resolve) => setTimeout(resolve, WAIT_MS / 2))
  expect(endpoint.asked).toBeGreaterThan(before)
  const { rows } = await client.query(`SELECT query FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'`)
  expect(rows).toEqual([])
  const codes = (await calls).map((call) => (call.status === 'rejected' ? (call.reason as { code: string }).code : 'done'))
  expect(performance.now() - began).toBeLessThan(WAIT_MS + 1_000)
  // Nothing is known of the fifth sender: its mail goes.
  expect(codes).toEqual(['CHARACTER_UNKNOWN', 'CHARACTER_UNKNOWN', 'CHARACTER_UNKNOWN', 'CHARACTER_UNKNOWN', 'done'])
  release.resolve()
  await client.end()
})
