import { expect, it, vi } from 'vitest'
import { defined } from '../../model/defined.ts'
import { Realm } from '../matchmaker/realm.ts'
import { OPERATOR, type ServedOptions, served } from '../matchmaker/served.ts'
import { makeCharacter } from '../people.ts'
import { storeOfFile } from '../storeOfFile.ts'
import { faultsOf, noFaults } from './auditFaults.ts'

vi.setConfig({ testTimeout: 60_000 })

const database = await storeOfFile()

interface Answer {
  error?: { code: string }
  session?: string
  character?: string
  money?: number
  items?: { id: string; kind: string }[]
  mail?: string | { id: string; subject: string }[]
  auction?: string
  auctions?: object[]
  guild?: string
  rank?: string
  bank?: { money: number }
  lostItems?: number
  transaction?: string
}

async function service(options: ServedOptions = {}) {
  const stack = new AsyncDisposableStack()
  const { store } = database
  const realm = stack.use(await Realm.create(store))
  const { app } = stack.use(await served(realm, { economy: store.economy, ...options }))
  let keys = 0
  const callWith = (key?: string) => async (method: 'GET' | 'POST' | 'DELETE', url: string, session?: string, body?: object) => {
    const authorization = session === undefined ? undefined : `Bearer ${session}`
    const headers = defined({ authorization, 'idempotency-key': key === '' ? undefined : (key ?? `key-${++keys}`) })
    const answer = await app.inject(defined({ method, url, headers, payload: body }))
    const json = answer.json() as Answer
    return { status: answer.statusCode, json, code: json.error?.code }
  }
  const call = callWith()
  const login = async (name: string) => {
    const { character, account } = await makeCharacter(store, { name })
    const { session = '' } = (await call('POST', '/v1/login', undefined, { account })).json
    return { session, character }
  }
  return { call, callWith, login, store, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

it('M1: mail, auctions and banks work over HTTP, and a repeated key returns the first answer', async () => {
  await using api = await service()
  const [ada, bob] = [await api.login('Economy Ada'), await api.login('Economy Bob')]
  const given = await api.store.economy.grant({ actor: 'test', key: 'ada' }, { character: ada.character, money: 100, items: ['sword', 'bow'], reason: 'test' })
  const [sword, bow] = given.items
  expect((await api.call('GET', '/v1/holdings', ada.session)).json).toMatchObject({ money: 100, items: expect.arrayContaining([sword]) })

  const letter = { to: 'economy bob', subject: 'For you', money: 40, items: [sword?.id] }
  const callOnce = api.callWith('once')
  const sent = await callOnce('POST', '/v1/mail', ada.session, letter)
  expect(sent.status).toBe(200)
  expect((await callOnce('POST', '/v1/mail', ada.session, letter)).json).toEqual(sent.json)
  expect(await callOnce('POST', '/v1/mail', ada.session, { ...letter, money: 41 })).toMatchObject({ status: 409, code: 'REQUEST_KEY_REUSED' })
  expect((await api.call('GET', '/v1/mail', bob.session)).json.mail).toMatchObject([{ subject: 'For you' }])
  expect((await api.call('POST', `/v1/mail/${String(sent.json.mail)}/take`, bob.session)).json).toMatchObject({ money: 40, items: [{ kind: 'sword' }] })
  expect((await api.call('DELETE', `/v1/mail/${String(sent.json.mail)}`, bob.session)).status).toBe(200)

  const listed = await api.call('POST', '/v1/auctions', ada.session, { items: [bow?.id], startPrice: 10, buyout: 30, hours: 2 })
  const auction = `/v1/auctions/${String(listed.json.auction)}`
  expect((await api.call('GET', '/v1/auctions', bob.session)).json.auctions).toHaveLength(1)
  expect(await api.call('POST', `${auction}/bid`, bob.session, { amount: 9 })).toMatchObject({ status: 409, code: 'BID_TOO_LOW' })
  expect((await api.call('POST', `${auction}/bid`, bob.session, { amount: 10 })).status).toBe(200)
  expect(await api.call('DELETE', auction, ada.session)).toMatchObject({ code: 'ECONOMY_REFUSED' })
  expect((await api.call('POST', `${auction}/buy`, bob.session)).status).toBe(200)

  const founded = await api.call('POST', '/v1/guild', ada.session, { name: 'Economists' })
  expect(founded.json).toMatchObject({ rank: 'leader', bank: { money: 0 } })
  await api.call('POST', '/v1/guild/invite', ada.session, { character: bob.character })
  expect((await api.call('POST', '/v1/guild/join', bob.session, { guild: founded.json.guild })).json).toMatchObject({ rank: 'member' })
  await api.call('POST', '/v1/guild/bank/deposit', ada.session, { money: 50 })
  expect((await api.call('GET', '/v1/guild', bob.session)).json.bank).toMatchObject({ money: 50 })
  expect(await api.call('POST', '/v1/guild/bank/withdraw', bob.session, { money: 101 })).toMatchObject({ status: 403, code: 'GUILD_REFUSED' })
  expect((await api.call('POST', '/v1/guild/rank', ada.session, { character: bob.character, rank: 'officer' })).status).toBe(200)
  expect(await api.call('POST', '/v1/guild/dismiss', bob.session, { character: ada.character })).toMatchObject({ code: 'GUILD_REFUSED' })
  expect((await api.call('DELETE', '/v1/guild', bob.session)).status).toBe(200)
  expect((await api.call('GET', '/v1/audit', OPERATOR)).json).toMatchObject({
    lostItems: 0,
    duplicatedItems: 0,
    moneyDifference: 0,
    wrongEscrows: 0,
    findings: [],
  })
})

it('X1: requests without a key or with invalid values change nothing', async () => {
  await using api = await service()
  const ada = await api.login('Economy Eve')
  await api.store.economy.grant({ actor: 'test', key: 'eve' }, { character: ada.character, money: 100, reason: 'test' })
  const send = (body: object, key?: string) => api.callWith(key)('POST', '/v1/mail', ada.session, { to: 'Economy Eve', subject: 'x', ...body })
  expect(await send({ money: 1 }, '')).toMatchObject({ status: 400, code: 'BAD_REQUEST' })
  for (const bad of [{ money: -1 }, { money: 0.5 }, { money: 1e12 }, { items: Array.from({ length: 13 }, () => 'x') }, { subject: '' }, { gold: 1 }]) {
    expect(await send(bad)).toMatchObject({ status: 400, code: 'BAD_REQUEST' })
  }
  expect(await send({ items: ['somebody else’s'] })).toMatchObject({ status: 409, code: 'ITEM_NOT_HELD' })
  expect(await send({ to: 'nobody at all' })).toMatchObject({ status: 404, code: 'CHARACTER_UNKNOWN' })
  expect(await api.call('POST', '/v1/mail/none/take', ada.session)).toMatchObject({ status: 404, code: 'MAIL_UNKNOWN' })
  expect(await api.call('POST', '/v1/auctions/none/buy', ada.session)).toMatchObject({ status: 404, code: 'AUCTION_UNKNOWN' })
  expect(await api.call('GET', '/v1/guild', ada.session)).toMatchObject({ status: 404, code: 'GUILD_UNKNOWN' })
  expect((await api.call('GET', '/v1/holdings', ada.session)).json).toEqual({ money: 100, items: [] })
  expect(await api.call('GET', '/v1/holdings')).toMatchObject({ status: 401, code: 'SESSION_MISSING' })
})

it('X1: only operators may undo transactions and read the audit', async () => {
  await using api = await service({ operatorToken: 'secret' })
  const ada = await api.login('Economy Op')
  expect(await api.call('GET', '/v1/audit', ada.session)).toMatchObject({ status: 401, code: 'OPERATOR_TOKEN' })
  expect(await api.call('POST', '/v1/transactions/any/rollback', ada.session, { reason: 'mine' })).toMatchObject({ status: 401, code: 'OPERATOR_TOKEN' })
  expect(await api.call('GET', '/v1/transactions/any', 'secret')).toMatchObject({ status: 404, code: 'TRANSACTION_UNKNOWN' })
})

it('blocks win over auctions: neither side sees, bids on or buys from the other, with the answer of an auction that ended', async () => {
  await using api = await service()
  const [seller, other, third] = [await api.login('Auction Ann'), await api.login('Auction Ben'), await api.login('Auction Cid')]
  for (const { character } of [seller, other, third])
    await api.store.economy.grant({ actor: 'test', key: character }, { character, money: 100, items: ['axe', 'bow', 'cap'], reason: 'test' })
  const list = async ({ session, character }: typeof seller, kind: string): Promise<string> => {
    const { items } = await api.store.economy.holdings(character)
    const body = { items: [items.find((item) => item.kind === kind)?.id], startPrice: 10, buyout: 50, hours: 2 }
    return String((await api.call('POST', '/v1/auctions', session, body)).json.auction)
  }
  const shown = async ({ session }: typeof seller) => ((await api.call('GET', '/v1/auctions', session)).json.auctions as { id: string }[]).map(({ id }) => id)
  const bid = (by: typeof seller, auction: string, amount: number) => api.call('POST', `/v1/auctions/${auction}/bid`, by.session, { amount })
  const buy = (by: typeof seller, auction: string) => api.call('POST', `/v1/auctions/${auction}/buy`, by.session)

  const [axe, bow, cancelled, back] = [await list(seller, 'axe'), await list(seller, 'bow'), await list(seller, 'cap'), await list(other, 'axe')]
  await api.call('DELETE', `/v1/auctions/${cancelled}`, seller.session)
  expect((await bid(other, bow, 20)).status).toBe(200)
  const all = (await api.call('GET', '/v1/auctions', third.session)).json.auctions as { id: string; bid?: object }[]
  expect(all.find(({ id }) => id === bow)?.bid).toEqual({ amount: 20 })
  await api.store.social.block(seller.character, other.character)

  for (const [by, gone] of [
    [other, axe],
    [seller, back],
  ] as const) {
    expect(await shown(by)).not.toContain(gone)
    expect((await bid(by, gone, 20)).json).toEqual((await bid(third, cancelled, 20)).json)
    expect((await buy(by, gone)).json).toEqual((await buy(third, cancelled)).json)
  }
  expect(await shown(third)).toEqual(expect.arrayContaining([axe, bow, back]))

  // The bid that was the highest when the block was made stays valid, and its bidder sees the auction until somebody bids more.
  expect((await shown(other)).filter((id) => id === bow)).toEqual([bow])
  expect((await bid(other, bow, 30)).json).toEqual({ bid: 30 })
  expect((await bid(third, bow, 40)).json).toEqual({ bid: 40 })
  expect(await api.store.economy.holdings(other.character)).toMatchObject({ money: 100 })
  expect(await shown(other)).not.toContain(bow)
  expect((await bid(other, bow, 45)).code).toBe('AUCTION_OVER')

  await api.store.social.unblock(seller.character, other.character)
  expect(await shown(other)).toEqual(expect.arrayContaining([axe, bow]))
  expect((await bid(other, axe, 20)).status).toBe(200)
  expect(faultsOf(await api.store.economy.audit())).toEqual(noFaults)
})
