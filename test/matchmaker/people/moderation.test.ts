import pg from 'pg'
import { expect, it } from 'vitest'
import type { ServerWord } from '../../../directory/directory.ts'
import type { ChatChannel, ChatMessage } from '../../../model/chat/chat.ts'
import { defined } from '../../../model/defined.ts'
import { UNTIL_LIFTED } from '../../../model/people/sanction.ts'
import { DecisionWriter } from '../../../store/decisions/decisionWriter.ts'
import { makeCharacter, makeParty } from '../../people.ts'
import { storeOfFile } from '../../storeOfFile.ts'
import { enterAs, policyNamed, Realm } from '../realm.ts'
import { OPERATOR, served } from '../served.ts'

const database = await storeOfFile()
const { store } = database

interface Answer {
  account?: string
  until?: number
  ended?: number
  characters?: unknown
  entries?: { actor: string; action: string; subject: string; reason?: string }[]
  ban?: object
  seat?: object
  line?: { ticket: string }
  error?: { code: string; details: Record<string, string>; message: string }
}

async function service() {
  const stack = new AsyncDisposableStack()
  const realm = stack.use(await Realm.create(store, policyNamed('forest')))
  await realm.open('forest-1')
  const { app, sessions, parts } = stack.use(await served(realm, { longPollMs: 0 }))
  const call = async (
    method: 'GET' | 'POST',
    url: string,
    { token = OPERATOR, body, headers = {} }: { token?: string; body?: object; headers?: object } = {},
  ) => {
    const answer = await app.inject({
      method,
      url,
      headers: { authorization: `Bearer ${token}`, ...headers },
      ...defined({ payload: body }),
    })
    const json = answer.json() as Answer
    return { status: answer.statusCode, json, code: json.error?.code }
  }
  const stopping = new AbortController()
  stack.defer(() => stopping.abort())
  const words: ServerWord[] = []
  const events = await realm.directory.watch(stopping.signal, { onlyFor: 's1' })
  void (async () => {
    for await (const event of events) if (event.type === 'dismiss') words.push(event)
  })()
  const moderate = (act: string, body: object) => call('POST', `/v1/moderation/${act}`, { body })
  const session = (account: string) => sessions.issue(account)
  const enter = async (account: string, body: object = {}) => call('POST', '/v1/enter', { token: await session(account), body: { map: 'forest', ...body } })
  return { realm, parts, call, moderate, session, enter, words, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

it('a ban ends live sessions, refuses every character of the account, and ends by itself or when it is lifted', async () => {
  await using api = await service()
  const rita = await makeCharacter(store, { name: 'Rude Rita' })
  await enterAs(api.parts, rita)
  await api.realm.take('forest', 'forest-1', rita.character)
  const until = api.realm.clock.now() + 60_000
  expect(await api.moderate('ban', { player: 'rude rita', until, reason: 'insults' })).toMatchObject({
    status: 200,
    json: { account: rita.account, until, ended: 1 },
  })
  await expect.poll(() => api.words).toEqual([{ type: 'dismiss', server: 's1', character: rita.character, code: 'ACCOUNT_BANNED', reason: 'insults' }])

  const refused = { status: 403, code: 'ACCOUNT_BANNED', json: { error: { details: { until: new Date(until).toISOString(), reason: 'insults' } } } }
  expect(await api.enter(rita.account)).toMatchObject(refused)
  const travel = { token: await api.session(rita.account), body: { map: 'forest' } }
  expect(await api.call('POST', '/v1/travel', travel)).toMatchObject(refused)
  const next = await store.accounts.createCharacter(rita.account, { name: 'Nice Nora', languages: ['en'] }, 8)
  expect(await api.enter(rita.account, { character: next.character })).toMatchObject(refused)

  api.realm.clock.advance(60_001)
  expect(await api.enter(rita.account, { character: next.character })).toMatchObject({ status: 200 })
  expect((await api.moderate('ban', { player: `account:${rita.account}`, reason: 'again' })).json).toMatchObject({ until: UNTIL_LIFTED })
  expect((await api.enter(rita.account, { character: next.character })).json.error?.message).toContain('until a moderator lifts it: again')
  expect((await api.moderate('unban', { player: 'Nice Nora', reason: 'mistake' })).status).toBe(200)
  expect(await api.enter(rita.account, { character: next.character })).toMatchObject({ status: 200 })
})

it('Q2: a banned player in line hears of the ban, and the seat of a banned player goes to the next', async () => {
  await using api = await service()
  const people = await api.realm.people(5, 'Crowd')
  for (const one of people) await enterAs(api.parts, one)
  const [waiting, later] = [await makeCharacter(store, { name: 'Waiting Will' }), await makeCharacter(store, { name: 'Later Lea' })]
  const poll = async (account: string, ticket = '') => api.call('GET', '/v1/line', { token: await api.session(account), headers: { 'x-line-ticket': ticket } })
  const [one, two] = [await api.enter(waiting.account), await api.enter(later.account)]
  expect(await poll(waiting.account, one.json.line?.ticket)).toMatchObject({ status: 200 })
  await api.moderate('ban', { player: waiting.character, reason: 'bots' })
  api.realm.clock.advance(10_001)
  expect(await poll(waiting.account, one.json.line?.ticket)).toMatchObject({ status: 403, code: 'ACCOUNT_BANNED' })
  expect(await poll(later.account, two.json.line?.ticket)).toMatchObject({ status: 200 })
})

it('P1: a banned member of a party gets no seat with the party', async () => {
  await using api = await service()
  const [lead, banned] = [await makeCharacter(store, { name: 'Party Pia' }), await makeCharacter(store, { name: 'Party Bob' })]
  await makeParty(store, 'party-of-pia', [lead.character, banned.character])
  await api.moderate('ban', { player: banned.character, reason: 'bots' })
  expect(await api.enter(lead.account, { wholeParty: true })).toMatchObject({ status: 200 })
  expect(api.realm.seats()['forest-1']).toEqual(['Party Pia'])
})

it('a kick ends the sessions of one character or of an account, and the audit log has each act with its actor and reason', async () => {
  await using api = await service()
  const kim = await makeCharacter(store, { name: 'Kicked Kim' })
  expect((await api.moderate('kick', { player: kim.character, reason: 'stuck' })).json).toEqual({ account: kim.account, ended: 0 })
  await enterAs(api.parts, kim)
  await api.realm.take('forest', 'forest-1', kim.character)
  expect((await api.moderate('kick', { player: kim.account, reason: 'stuck again' })).json).toEqual({ account: kim.account, ended: 1 })
  await expect.poll(() => api.words).toMatchObject([{ character: kim.character, code: 'KICKED', reason: 'stuck again' }])
  await api.moderate('mute', { player: kim.character, reason: 'shouting' })
  expect((await store.profile(kim.character))?.mute).toEqual({ until: UNTIL_LIFTED, reason: 'shouting' })
  await api.moderate('unmute', { player: kim.character, reason: 'quiet now' })
  expect((await store.profile(kim.character))?.mute).toBeUndefined()

  const { entries = [] } = (await api.call('GET', `/v1/moderation/audit?player=${encodeURIComponent('Kicked Kim')}`)).json
  expect(entries.map(({ actor, action, reason }) => `${actor} ${action}: ${reason}`)).toEqual([
    'operator unmute: quiet now',
    'operator mute: shouting',
    'operator kick: stuck again',
    'operator kick: stuck',
  ])
  const player = await api.call('GET', `/v1/moderation/players/${encodeURIComponent('kicked kim')}`)
  expect(player.json).toMatchObject({
    account: kim.account,
    characters: [{ character: kim.character, name: 'Kicked Kim', map: 'forest' }],
    entries: { length: 4 },
  })
})

it('a message goes to one player in the world, an announcement to all or to one map, with a name of nobody', async () => {
  await using api = await service()
  const mia = await makeCharacter(store, { name: 'Message Mia' })
  const heard: [ChatChannel, ChatMessage][] = []
  await using feed = await api.realm.directory.openChat((channel, message) => heard.push([channel, message]))
  await feed.join([`whisper:${mia.character}`, 'announcement', 'map:forest'])
  expect(await api.moderate('message', { player: 'Message Mia', text: 'hello' })).toMatchObject({ status: 409, code: 'NOT_IN_WORLD' })
  await enterAs(api.parts, mia)
  await api.realm.take('forest', 'forest-1', mia.character)
  expect((await api.moderate('message', { player: 'Message Mia', text: 'please read the rules' })).json).toEqual({ characters: [mia.character] })
  expect((await api.moderate('announce', { text: 'restart in 10 minutes' })).status).toBe(200)
  expect((await api.moderate('announce', { map: 'forest', text: 'the forest closes' })).status).toBe(200)
  expect(await api.moderate('announce', { map: 'nowhere', text: 'x' })).toMatchObject({ code: 'MAP_UNKNOWN' })
  expect(await api.moderate('announce', { text: 'bell \u0007' })).toMatchObject({ code: 'BAD_REQUEST' })
  await expect
    .poll(() => heard.map(([channel, { text, from }]) => [channel, text, from]))
    .toEqual([
      [`whisper:${mia.character}`, 'please read the rules', undefined],
      ['announcement', 'restart in 10 minutes', undefined],
      ['map:forest', 'the forest closes', undefined],
    ])
})

it('X1: an act needs a reason and a known player; a name that is the account of somebody else is not guessed', async () => {
  await using api = await service()
  const target = await makeCharacter(store, { name: 'Target Tom' })
  await store.accounts.ensureAccount('imp')
  await store.accounts.createCharacter('imp', { name: target.account.slice(0, 24), languages: ['en'] }, 8)
  const name = target.account.slice(0, 24)
  await store.accounts.ensureAccount(name)
  for (const body of [{ player: name }, { player: name, reason: ' ' }, { player: name, reason: 'x', forever: true }, { player: '', reason: 'x' }])
    expect(await api.moderate('ban', body)).toMatchObject({ status: 400, code: 'BAD_REQUEST' })
  expect(await api.moderate('ban', { player: 'nobody', reason: 'x' })).toMatchObject({ status: 404, code: 'ACCOUNT_UNKNOWN' })
  expect(await api.moderate('ban', { player: 'imp', until: 1, reason: 'x' })).toMatchObject({ status: 400 })
  expect((await api.moderate('ban', { player: name, reason: 'x' })).json.error?.message).toContain(`write account:${name} or character:${name}`)
  expect((await api.moderate('ban', { player: `character:${name}`, reason: 'x' })).json).toMatchObject({ account: 'imp' })
})

/** Tables and columns that hold the text. */
async function placesOf(text: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  try {
    const found: string[] = []
    const { rows } = await client.query<{ name: string }>("SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'")
    for (const { name } of rows) {
      const { rowCount } = await client.query(`SELECT 1 FROM "${name}" t WHERE t::text ILIKE '%' || $1 || '%' LIMIT 1`, [text])
      if (rowCount !== 0) found.push(name)
    }
    return found
  } finally {
    await client.end()
  }
}

it('an export holds what is stored of a person; after the erasure no table holds a name or a text of theirs, and sessions have ended', async () => {
  await using api = await service()
  const friend = await makeCharacter(store, { name: 'Faithful Fred' })
  const person = await makeCharacter(store, { name: 'Private Petra', friends: ['Faithful Fred'], guild: 'Erasers' })
  await store.accounts.ensureAccount(person.account, 'Petra Real-Name')
  await makeParty(store, 'party-of-petra', [person.character, friend.character])
  await store.economy.grant({ actor: 'test', key: 'petra' }, { character: person.character, money: 10, reason: 'gift' })
  await store.economy.sendMail({ actor: person.character, key: 'letter' }, person.character, {
    to: friend.character,
    subject: 'Petra writes',
    body: 'a secret of Petra',
    money: 0,
    items: [],
  })
  await enterAs(api.parts, person)
  await api.realm.take('forest', 'forest-1', person.character)
  const writer = new DecisionWriter({ store })
  for (const decision of api.realm.decisions) writer.add({ ...decision, id: `erase-${decision.id}` })
  await writer[Symbol.asyncDispose]()
  await api.moderate('kick', { player: 'Private Petra', reason: 'stuck' })
  const path = `/v1/privacy/accounts/${encodeURIComponent(person.account)}`
  const exported = JSON.stringify((await api.call('GET', path)).json)
  for (const part of ['Private Petra', 'Petra Real-Name', 'a secret of Petra', friend.character]) expect(exported).toContain(part)
  for (const text of ['Private Petra', 'Petra Real-Name', 'a secret of Petra']) expect(await placesOf(text), text).not.toEqual([])

  expect(await api.call('POST', `${path}/erase`, { body: { reason: 'asked for it' } })).toMatchObject({ status: 200, json: { characters: 1 } })
  await expect.poll(() => api.words).toContainEqual(expect.objectContaining({ character: person.character, reason: 'the account is erased' }))
  for (const text of ['Private Petra', 'Petra Real-Name', 'Petra writes', 'a secret of Petra', 'private petra']) expect(await placesOf(text), text).toEqual([])
  expect(await api.enter(person.account)).toMatchObject({ status: 409, code: 'NO_CHARACTER' })
  expect((await store.economy.audit()).findings).toEqual([])
  expect(await api.call('POST', '/v1/privacy/accounts/nobody/erase', { body: { reason: 'x' } })).toMatchObject({ status: 404, code: 'ACCOUNT_UNKNOWN' })
})
