import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import { promoteHead } from '../../../matchmaker/queue/promotions.ts'
import { defined } from '../../../model/defined.ts'
import type { MapPolicy } from '../../../model/policy/policy.ts'
import type { LineAnswer, SeatAnswer } from '../../../model/wire/matchmaker.ts'
import { BODY_LIMIT_BYTES } from '../../../service/http.ts'
import { DecisionWriter } from '../../../store/decisions/decisionWriter.ts'
import { makeCharacter, type TestPerson } from '../../people.ts'
import { storeOfFile } from '../../storeOfFile.ts'
import { takeAndFreeSeat } from '../../takeAndFreeSeat.ts'
import { policyNamed, Realm } from '../realm.ts'
import { OPERATOR, type ServedOptions, served } from '../served.ts'

const { store } = await storeOfFile()

type Options = ServedOptions & { policies?: MapPolicy[] }

/** Fields that an answer may have. */
interface Answer {
  session?: string
  character?: string
  seat?: SeatAnswer
  line?: LineAnswer
  party?: string
  members?: object[]
  maps?: object[]
  locks?: object[]
  paths?: object
  error?: { code: string; details: object }
}

async function service({ policies = [], ...options }: Options = {}) {
  const stack = new AsyncDisposableStack()
  const realm = stack.use(await Realm.create(store, ...policies))
  await realm.open('forest-1')
  const { app, parts, sessions } = stack.use(await served(realm, { longPollMs: 0, ...options }))
  const call = async (
    method: 'GET' | 'POST' | 'DELETE',
    url: string,
    { session, body, headers = {} }: { session?: string; body?: unknown; headers?: Record<string, string> } = {},
  ) => {
    const answer = await app.inject({
      method,
      url,
      headers: { ...(session === undefined ? {} : { authorization: `Bearer ${session}` }), ...headers },
      ...(body === undefined ? {} : typeof body === 'string' ? { payload: body } : { payload: body as object }),
    })
    const json = (answer.headers['content-type']?.includes('json') ? answer.json() : {}) as Answer
    return { status: answer.statusCode, json, code: json.error?.code }
  }
  const login = async (name: string, rest: Partial<TestPerson> = {}): Promise<{ session: string; character: string }> => {
    const { character, account } = await makeCharacter(store, { name, ...rest })
    const { session = '' } = (await call('POST', '/v1/login', { body: { account } })).json
    return { session, character }
  }
  return { realm, parts, app, sessions, call, login, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

describe('the API', () => {
  it('P2: takes a player from the login to a seat, and explains the placement', async () => {
    await using api = await service()
    const { session, character } = await api.login('Http Ada', { language: 'de', guild: 'Lamplighters' })
    const entered = await api.call('POST', '/v1/enter', { session, body: { map: 'forest' } })
    expect(entered).toMatchObject({ status: 200, json: { seat: { copy: 'forest-1', address: 'ws://127.0.0.1:7001' } } })
    await using writer = new DecisionWriter({ store })
    for (const decision of api.realm.decisions) writer.add({ ...decision, id: `explain-${decision.id}` })
    await writer[Symbol.asyncDispose]()
    const explained = await api.call('GET', '/v1/explain/http%20ada', { session: OPERATOR })
    expect(explained.json).toMatchObject({
      character,
      language: 'de',
      guildName: 'Lamplighters',
      whereabouts: { map: 'forest', copy: 'forest-1', seat: 'held', live: false },
      decisions: [{ kind: 'place', policyVersion: 'v1', candidates: [{ copy: 'forest-1', terms: { guild: 0 } }] }],
    })
    expect((await api.call('GET', '/v1/explain/nobody', { session: OPERATOR })).code).toBe('CHARACTER_UNKNOWN')
    const byTicket = (ticket: string) => api.call('GET', '/v1/explain', { session: OPERATOR, headers: { 'x-ticket': ticket } })
    expect((await byTicket(entered.json.seat?.ticket ?? '')).json).toMatchObject({ character, decisions: [{ kind: 'place' }] })
    expect((await byTicket('no ticket')).code).toBe('BAD_REQUEST')
  })

  it('lists the locks of the character, taken in any copy', async () => {
    await using api = await service()
    const { session, character } = await api.login('Http Looter')
    const { epoch } = await store.claim(character, { copy: 'forest-1', server: 's1' })
    const [now, until] = [api.realm.clock.now(), api.realm.clock.now() + 3_600_000]
    expect(await store.takeLocks({ key: 'boss:dragon', until, deed: 'kill 1' }, [{ character, epoch }], now)).toEqual([character])
    expect((await api.call('GET', '/v1/locks', { session })).json).toEqual({ locks: [{ key: 'boss:dragon', until }] })
    api.realm.clock.advance(3_600_000)
    expect((await api.call('GET', '/v1/locks', { session })).json).toEqual({ locks: [] })
  })

  it('places by the attributes of the login and the latencies of the client', async () => {
    const placement = { weights: { occupancy: 0 }, attributes: [{ name: 'level', prefer: 'near', range: 30 }] }
    await using api = await service({ policies: [policyNamed('forest', { placement })] })
    await api.realm.open('forest-2')
    const veteran = await api.login('Http Veteran', { attributes: { level: 60, hat: 'red' } })
    // A beginner in the first copy, a veteran in the second.
    const now = api.realm.clock.now()
    for (const [copy, level] of [
      ['forest-1', 3],
      ['forest-2', 58],
    ] as const) {
      const holders = [{ character: `level ${level}`, entity: level, name: 'x', language: 'en', attributes: { level } }]
      await api.realm.directory.holdSeats({ map: 'forest', holders, options: [{ copy, limit: 3 }], now, deadline: now + 9_000 })
    }
    const entered = await api.call('POST', '/v1/enter', { session: veteran.session, body: { map: 'forest', latencyMs: { eu: 20 } } })
    expect(entered.json.seat?.copy).toBe('forest-2')
    expect(api.realm.decisions.at(-1)?.candidates[0]?.terms).toMatchObject({ latency: 0 })
    expect(api.realm.decisions.at(-1)?.candidates[0]?.terms?.['@level']).toBeGreaterThan(0.5)
    const seat = api.realm.directory
      .ledger('forest')
      .snapshot()
      .seats.find((row) => row.seat.character === veteran.character)?.seat
    expect(seat?.attributes).toEqual({ level: 60 })
    expect((await api.call('POST', '/v1/enter', { session: veteran.session, body: { map: 'forest', latencyMs: { eu: -1 } } })).code).toBe('BAD_REQUEST')
  })

  it('polls a place in line until the seat is held, and gives it up', async () => {
    await using api = await service({ policies: [policyNamed('forest', { capacity: { soft: 1, hard: 1, company: 0 } })] })
    const first = await api.login('Http First')
    await api.call('POST', '/v1/enter', { session: first.session, body: { map: 'forest' } })
    const second = await api.login('Http Second')
    const waiting = await api.call('POST', '/v1/enter', { session: second.session, body: { map: 'forest' } })
    expect(waiting.json).toMatchObject({ line: { position: 0, length: 1, waitMs: 'unknown' } })
    const headers = { 'x-line-ticket': waiting.json.line?.ticket ?? '' }
    expect((await api.call('GET', '/v1/line', { session: second.session, headers })).json).toMatchObject({ line: { position: 0 } })
    await takeAndFreeSeat(api.realm.directory, 'forest', 'forest-1', first.character)
    await promoteHead(api.parts, 'forest')
    expect((await api.call('GET', '/v1/line', { session: second.session, headers })).json).toMatchObject({ seat: { copy: 'forest-1' } })
    expect((await api.call('DELETE', '/v1/line', { session: second.session, headers })).json).toEqual({ left: true })
    expect(api.realm.seats()['forest-1']).toEqual([])
    expect((await api.call('GET', '/v1/line', { session: second.session })).code).toBe('BAD_REQUEST')
  })

  it('creates parties and lists the maps', async () => {
    await using api = await service()
    const [bob, ada] = [await api.login('Party Bob'), await api.login('Party Ada', { friends: ['Party Bob'] })]
    const made = await api.call('POST', '/v1/party', { session: ada.session })
    const accept = (party = '') => api.call('POST', `/v1/party/invitations/${party}/accept`, { session: bob.session })
    expect((await accept(made.json.party)).code).toBe('INVITATION_UNKNOWN')
    const invited = await api.call('POST', '/v1/party/invitations', { session: ada.session, body: { character: 'party bob' } })
    expect(invited.json).toMatchObject({ leader: ada.character, invited: [{ character: bob.character, name: 'Party Bob' }] })
    expect((await api.call('GET', '/v1/party/invitations', { session: bob.session })).json).toMatchObject({ invitations: [{ party: made.json.party }] })
    const joined = await accept(made.json.party)
    expect(joined.json.members).toEqual([
      { character: ada.character, name: 'Party Ada' },
      { character: bob.character, name: 'Party Bob' },
    ])
    expect((await api.call('GET', '/v1/party', { session: ada.session })).json).toEqual(joined.json)
    await api.call('POST', '/v1/enter', { session: bob.session, body: { map: 'forest' } })
    expect((await api.call('GET', '/v1/maps', { session: ada.session })).json).toEqual({
      maps: [{ map: 'forest', kind: 'zone', chooseCopy: false, players: 1, waiting: 0, copies: [{ copy: 'forest-1', players: 1, soft: 3, friends: 1 }] }],
    })
    expect((await api.call('DELETE', '/v1/party', { session: bob.session })).json).toEqual({ done: true })
    expect((await api.call('GET', '/v1/party', { session: bob.session })).code).toBe('PARTY_UNKNOWN')
  })

  it('serves the OpenAPI description and readiness, and answers preflight requests', async () => {
    await using api = await service()
    const paths = Object.keys((await api.call('GET', '/openapi.json')).json.paths ?? {})
    expect(paths).toEqual(
      expect.arrayContaining(['/v1/login', '/v1/characters', '/v1/enter', '/v1/travel', '/v1/line', '/v1/party', '/v1/explain/{character}', '/v1/maps']),
    )
    expect((await api.call('GET', '/readyz')).status).toBe(200)
    const preflight = await api.app.inject({ method: 'OPTIONS', url: '/v1/enter' })
    expect(preflight).toMatchObject({ statusCode: 204, headers: { 'access-control-allow-origin': '*' } })
  })
})

describe('X1: bad input is refused by its error code and changes nothing', () => {
  it('X1: refuses malformed JSON, wrong types, unknown keys and a huge body', async () => {
    await using api = await service()
    const { session } = await api.login('Bad Ada')
    const json = { 'content-type': 'application/json' }
    const enter = (body: unknown) => api.call('POST', '/v1/enter', { session, body, headers: json })
    expect(await enter('{"map": ')).toMatchObject({ status: 400, code: 'BAD_REQUEST' })
    expect(await enter({ map: 7 })).toMatchObject({ status: 400, code: 'BAD_REQUEST' })
    expect(await enter({ map: 'forest', weapon: 'axe' })).toMatchObject({ status: 400, code: 'BAD_REQUEST' })
    expect(await enter({ map: 'forest', copy: 'forest-1' })).toMatchObject({ status: 400, code: 'BAD_REQUEST' })
    expect(await enter({})).toMatchObject({ status: 400, code: 'BAD_REQUEST' })
    expect(await enter('null')).toMatchObject({ status: 400, code: 'BAD_REQUEST' })
    expect(await enter({ map: 'x'.repeat(BODY_LIMIT_BYTES) })).toMatchObject({ status: 413, code: 'BODY_TOO_LARGE' })
    expect(await enter({ map: 'atlantis' })).toMatchObject({ status: 404, code: 'MAP_UNKNOWN' })
    expect(await api.call('POST', '/v1/login', { body: { name: 'Ada' } })).toMatchObject({ status: 400, code: 'BAD_REQUEST' })
    expect(await api.call('GET', '/nowhere')).toMatchObject({ status: 404, code: 'NOT_FOUND' })
    expect(api.realm.seats()['forest-1']).toEqual([])
  })

  it('X1: refuses a missing, malformed, forged or expired session', async () => {
    await using api = await service()
    const { session, character } = await api.login('Session Ada')
    const enter = (token?: string) => api.call('POST', '/v1/enter', { ...defined({ session: token }), body: { map: 'forest' } })
    expect(await enter()).toMatchObject({ status: 401, code: 'SESSION_MISSING' })
    for (const garbage of ['x', 'a.b.c', `${session}x`]) expect(await enter(garbage)).toMatchObject({ status: 401, code: 'SESSION_INVALID' })
    const { privateKey } = await generateKeyPair('EdDSA')
    const kid = api.sessions.jwks.keys[0]?.kid ?? ''
    const forged = await new SignJWT()
      .setProtectedHeader({ alg: 'EdDSA', kid })
      .setSubject(character)
      .setAudience('strata:session')
      .setExpirationTime('1h')
      .sign(privateKey)
    expect(await enter(forged)).toMatchObject({ code: 'SESSION_INVALID' })
    const none = `${Buffer.from(JSON.stringify({ alg: 'none', kid })).toString('base64url')}.${Buffer.from(JSON.stringify({ sub: character })).toString('base64url')}.`
    expect(await enter(none)).toMatchObject({ code: 'SESSION_INVALID' })
    api.realm.clock.advance(13 * 3_600_000)
    expect(await enter(session)).toMatchObject({ code: 'SESSION_INVALID' })
    expect(api.realm.seats()['forest-1']).toEqual([])
  })

  it('X1: refuses a class that the map does not have, and ranks by the classes that it has', async () => {
    await using api = await service({ policies: [policyNamed('hills', { queue: { classes: ['member', 'trial'] } })] })
    const { session } = await api.login('Class Ada')
    const enter = (body: object) => api.call('POST', '/v1/enter', { session, body: { map: 'hills', ...body } })
    expect(await enter({ class: 'emperor' })).toMatchObject({
      code: 'BAD_REQUEST',
      json: { error: { details: { problem: 'class: this map has member, trial' } } },
    })
    expect(await enter({ class: 'trial' })).toMatchObject({ json: { line: { position: 0 } } })
    expect((await api.realm.directory.lineHead('hills', 1, api.realm.clock.now()))[0]?.rank).toBe(1)
  })

  it('X1: limits requests per session with the seconds to wait, and does not slow other sessions', async () => {
    await using api = await service({ perSessionPerSecond: 2 })
    const [ada, bob] = [await api.login('Fast Ada'), await api.login('Fast Bob')]
    const ask = ({ session }: { session: string }) => api.call('GET', '/v1/maps', { session })
    const statuses: number[] = []
    for (let n = 0; n < 6; n++) statuses.push((await ask(ada)).status)
    expect(statuses).toEqual([200, 200, 200, 200, 429, 429])
    expect((await ask(ada)).json.error).toMatchObject({ code: 'TOO_MANY_REQUESTS', details: { seconds: 1 } })
    expect((await ask(bob)).status).toBe(200)
    api.realm.clock.advance(1_000)
    expect((await ask(ada)).status).toBe(200)
  })

  it('X1: requests above the number that is worked on at once are refused at once, those of probes are not, and all is served again afterwards', async () => {
    await using api = await service({ atOnce: 3 })
    const { session } = await api.login('Crowded Cleo')
    const codes = await Promise.all(Array.from({ length: 40 }, async () => (await api.call('GET', '/v1/characters', { session })).code))
    expect(codes.filter((code) => code === undefined).length).toBeGreaterThanOrEqual(3)
    expect(codes.filter((code) => code === 'OVERLOADED').length).toBeGreaterThan(20)
    expect((await api.call('GET', '/healthz')).status).toBe(200)
    for (let n = 0; n < 5; n++) expect((await api.call('GET', '/v1/characters', { session })).status).toBe(200)
  })

  it('X1: one player with many requests at once leaves room for the others', async () => {
    await using api = await service({ atOnce: 20 })
    const [ada, bob] = [await api.login('Greedy Gus'), await api.login('Patient Pia')]
    const ask = ({ session }: { session: string }) => api.call('GET', '/v1/characters', { session })
    for (const one of [ada, bob]) expect((await ask(one)).status).toBe(200)
    const greedy = Array.from({ length: 60 }, () => ask(ada))
    expect((await ask(bob)).status).toBe(200)
    const codes = (await Promise.all(greedy)).map(({ code }) => code)
    expect(codes.filter((code) => code === undefined).length).toBeGreaterThanOrEqual(4)
    expect(codes.filter((code) => code === 'OVERLOADED').length).toBeGreaterThan(20)
    expect((await ask(ada)).status).toBe(200)
  })

  it('X1: limits requests per address before sessions are verified', async () => {
    await using api = await service({ perAddressPerSecond: 1 })
    const codes = [await api.call('POST', '/v1/enter'), await api.call('POST', '/v1/enter'), await api.call('POST', '/v1/enter')].map(({ code }) => code)
    expect(codes).toEqual(['SESSION_MISSING', 'SESSION_MISSING', 'TOO_MANY_REQUESTS'])
  })

  it('X1: a flood from one address keeps no player of that address out who has a session', async () => {
    await using api = await service({ perAddressPerSecond: 1 })
    const { session } = await api.login('Shared Address Ada')
    const maps = () => api.call('GET', '/v1/maps', { session })
    expect((await maps()).status).toBe(200)
    for (let n = 0; n < 20; n++) await api.call('POST', '/v1/enter')
    for (let n = 0; n < 20; n++) await api.call('POST', '/v1/enter', { session: `forged-${n}` })
    expect((await api.call('POST', '/v1/enter')).code).toBe('TOO_MANY_REQUESTS')
    expect((await api.call('POST', '/v1/enter', { session: 'forged' })).code).toBe('TOO_MANY_REQUESTS')
    expect((await maps()).status).toBe(200)
  })

  it('X1: reads the client address from the header of a trusted proxy, and ignores the header of other senders', async () => {
    const from = async (trustProxy: string | undefined) => {
      await using api = await service({ perAddressPerSecond: 1, ...defined({ trustProxy }) })
      const ask = (address: string) => api.call('POST', '/v1/enter', { headers: { 'x-forwarded-for': address } })
      return [await ask('203.0.113.1'), await ask('203.0.113.2'), await ask('203.0.113.3')].map(({ code }) => code)
    }
    expect(await from('127.0.0.0/8')).toEqual(['SESSION_MISSING', 'SESSION_MISSING', 'SESSION_MISSING'])
    expect(await from(undefined)).toContain('TOO_MANY_REQUESTS')
  })
})

describe('outside development', () => {
  it('refuses the development login, and shows whereabouts to operators only', async () => {
    await using api = await service({ development: false, operatorToken: 'secret' })
    await api.realm.person('Hidden Ada')
    expect(await api.call('POST', '/v1/login', { body: { account: 'Hidden Ada' } })).toMatchObject({ status: 403, code: 'LOGIN_DISABLED' })
    expect(await api.call('GET', '/v1/explain/Hidden%20Ada')).toMatchObject({ status: 401, code: 'OPERATOR_TOKEN' })
    expect(await api.call('GET', '/v1/explain/Hidden%20Ada', { session: 'secret' })).toMatchObject({ status: 200 })
  })

  it('verifies sessions of the studio’s identity provider by its key set', async () => {
    const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true })
    const jwk = { ...(await exportJWK(publicKey)), kid: 'studio-1', alg: 'ES256' }
    const server = createServer((_request, response) => response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: [jwk] })))
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
    await using stack = new AsyncDisposableStack()
    stack.defer(() => void server.close())
    const jwks = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`) // it listens on TCP
    await using api = await service({ development: false, jwks })
    const ada = await api.realm.person('Studio Ada')
    const token = (issuer: string) =>
      new SignJWT()
        .setProtectedHeader({ alg: 'ES256', kid: 'studio-1' })
        .setSubject(ada.account)
        .setIssuer(issuer)
        .setExpirationTime((api.realm.clock.now() + 60_000) / 1000)
        .sign(privateKey)
    const enter = (session: string) => api.call('POST', '/v1/enter', { session, body: { map: 'forest' } })
    expect(await enter(await token('studio'))).toMatchObject({ status: 200, json: { seat: { copy: 'forest-1' } } })
    expect(await enter(await token('others'))).toMatchObject({ status: 401, code: 'SESSION_INVALID' })
    server.close()
    await using cut = await service({ development: false, jwks: new URL('http://127.0.0.1:9/jwks') })
    expect(await cut.call('POST', '/v1/enter', { session: await token('studio'), body: { map: 'forest' } })).toMatchObject({
      status: 503,
      code: 'DEPENDENCY_DOWN',
    })
  })
})
