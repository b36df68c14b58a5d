import fc from 'fast-check'
import { decodeJwt } from 'jose'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { matchmakerAccess } from '../../model/access/routes.ts'
import type { Who } from '../../model/access/who.ts'
import { defined } from '../../model/defined.ts'
import { packDecision } from '../../store/decisions/candidates.ts'
import type { PostgresStore } from '../../store/postgresStore.ts'
import type { SocialProfile } from '../../store/store.ts'
import { freshStore } from '../freshStore.ts'
import { policyNamed, Realm } from '../matchmaker/realm.ts'
import { OPERATOR, type Served, served } from '../matchmaker/served.ts'
import { makeCharacter } from '../people.ts'

/** A request that the asker sends. `target`: id or name of the character that it is about. */
interface Request {
  params?: Record<string, string>
  body?: object
  headers?: Record<string, string>
}
type RequestsOf = (asked: { target: string; self: string }) => Request[]

const plain: RequestsOf = () => [{}]
const aboutTarget: RequestsOf = ({ target }) => [{ body: { character: target } }]
const targetInPath: RequestsOf = ({ target }) => [{ params: { character: target } }]
const inLine: RequestsOf = () => [{ headers: { 'x-line-ticket': 'none' } }]
const item = { items: ['no-such-item'], money: 0 }

/** Every route that a player may call. A route that is missing here fails the test. */
const requests: Record<string, RequestsOf> = {
  'GET /v1/characters': plain,
  'POST /v1/characters': ({ self }) => [{ body: { name: `${self} II` } }],
  'PATCH /v1/characters/:character': ({ self, target }) => [self, target].map((character) => ({ params: { character }, body: { settings: {} } })),
  'DELETE /v1/characters/:character': targetInPath,
  'POST /v1/enter': ({ target }) => [{ body: { map: 'forest' } }, { body: { friend: target } }],
  'POST /v1/travel': ({ target }) => [{ body: { friend: target } }, { body: { map: 'forest' } }],
  'GET /v1/line': inLine,
  'DELETE /v1/line': inLine,
  'GET /v1/locks': plain,
  'GET /v1/maps': plain,
  'GET /v1/party': plain,
  'POST /v1/party': plain,
  'DELETE /v1/party': plain,
  'GET /v1/party/invitations': plain,
  'POST /v1/party/invitations': aboutTarget,
  'POST /v1/party/invitations/:party/accept': () => [{ params: { party: 'none' } }],
  'DELETE /v1/party/invitations/:party': () => [{ params: { party: 'none' } }],
  'POST /v1/party/kick': aboutTarget,
  'POST /v1/party/leader': aboutTarget,
  'GET /v1/friends': plain,
  'DELETE /v1/friends/:character': targetInPath,
  'GET /v1/friends/requests': plain,
  'POST /v1/friends/requests': aboutTarget,
  'POST /v1/friends/requests/:character/accept': targetInPath,
  'DELETE /v1/friends/requests/:character': targetInPath,
  'GET /v1/blocks': plain,
  'POST /v1/blocks': aboutTarget,
  'DELETE /v1/blocks/:character': targetInPath,
  'GET /v1/presence/:character': targetInPath,
  'GET /v1/holdings': plain,
  'GET /v1/mail': plain,
  'POST /v1/mail': ({ target }) => [{ body: { to: target, subject: 'Where are you?' } }],
  'POST /v1/mail/:mail/take': () => [{ params: { mail: 'none' } }],
  'DELETE /v1/mail/:mail': () => [{ params: { mail: 'none' } }],
  'GET /v1/auctions': plain,
  'POST /v1/auctions': () => [{ body: { items: ['no-such-item'], startPrice: 1 } }],
  'POST /v1/auctions/:auction/bid': () => [{ params: { auction: 'none' }, body: { amount: 1 } }],
  'POST /v1/auctions/:auction/buy': () => [{ params: { auction: 'none' } }],
  'DELETE /v1/auctions/:auction': () => [{ params: { auction: 'none' } }],
  'GET /v1/guild': plain,
  'POST /v1/guild': () => [{ body: { name: '!' } }],
  'GET /v1/guild/invitations': plain,
  'DELETE /v1/guild/invitations/:guild': () => [{ params: { guild: 'none' } }],
  'POST /v1/guild/invite': aboutTarget,
  'POST /v1/guild/join': () => [{ body: { guild: 'none' } }],
  'POST /v1/guild/rank': ({ target }) => [{ body: { character: target, rank: 'member' } }],
  'POST /v1/guild/dismiss': aboutTarget,
  'POST /v1/guild/bank/deposit': () => [{ body: item }],
  'POST /v1/guild/bank/withdraw': () => [{ body: item }],
  'DELETE /v1/guild': plain,
  'GET /v1/explain/:character': ({ target, self }) => [self, target].map((character) => ({ params: { character } })),
}

const ofPlayers: readonly Who[] = ['account', 'character', 'own character or operator']
const routes = Object.entries(matchmakerAccess).flatMap(([route, who]) => (ofPlayers.includes(who) ? [route] : []))
/** Reads first, as a stalker would, then what changes relations: a block made here would hide what the reads are to show. */
const inOrder = [...routes].sort((a, b) => rankOf(a) - rankOf(b))
function rankOf(route: string): number {
  if (route === 'POST /v1/enter') return 0
  if (route === 'POST /v1/travel' || route.startsWith('GET ')) return 1
  return route.startsWith('DELETE ') || route === 'POST /v1/blocks' ? 3 : 2
}

const COPIES = ['forest-1', 'forest-2'] as const
/** Where the target is: in one of two copies, or not in the world. A stranger has the seat that it leaves. */
const places = [...COPIES, 'away'] as const
type Place = (typeof places)[number]

/** One world for each place, with a database of its own: the same people in each. */
const worlds = new Map<Place, { store: PostgresStore; realm: Realm; service: Served }>()
const stack = new AsyncDisposableStack()
const policy = policyNamed('forest', {
  capacity: { soft: 4, hard: 6, company: 1 },
  placement: { weights: { friends: 2, guild: 2, familiar: 2, language: 1 } },
})
beforeAll(async () => {
  for (const place of places) {
    const { store } = stack.use(await freshStore())
    const realm = stack.use(await Realm.create(store, policy))
    worlds.set(place, { store, realm, service: stack.use(await served(realm, { economy: store.economy })) })
  }
})
afterAll(() => stack.disposeAsync())

const relation = fc.record({
  friends: fc.boolean(),
  guild: fc.boolean(),
  met: fc.boolean(),
  block: fc.constantFrom('none', 'none', 'none', 'theirs', 'mine', 'both'),
  presence: fc.constantFrom('everyone', 'friends', 'nobody', 'nobody'),
  joinable: fc.constantFrom('friends', 'company', 'nobody'),
  byId: fc.boolean(),
} as const)
type Relation = typeof relation extends fc.Arbitrary<infer R> ? R : never

/** All answers that the asker gets, without what differs between two equal worlds: ids and times. */
async function answersWith(place: Place, n: number, { friends, guild, met, block, presence, joinable, byId }: Relation): Promise<[string, unknown][]> {
  const { store, realm, service } = worlds.get(place) ?? expect.fail('no world')
  const tag = letters(n)
  const inGuild = guild ? { guild: `Guild ${tag}` } : {}
  const asker = await makeCharacter(store, { name: `Asker ${tag}`, ...inGuild })
  const target = await makeCharacter(store, { name: `Target ${tag}`, ...inGuild, ...(friends ? { friends: [asker.name] } : {}) })
  const [one, two] = [await makeCharacter(store, { name: `Stranger ${tag}` }), await makeCharacter(store, { name: `Spare ${tag}` })]
  if (met) await store.recordMeetings(new Map([[asker.character, { [target.character]: 90 }]]), realm.clock.now())
  await store.accounts.describeCharacter(target.character, { settings: { presence, joinable } })
  if (block === 'theirs' || block === 'both') await store.social.block(target.character, asker.character)
  if (block === 'mine' || block === 'both') await store.social.block(asker.character, target.character)

  realm.directory.clear()
  for (const copy of COPIES) await realm.open(copy)
  const first = place === 'forest-1' ? target : one
  const second = place === 'forest-2' ? target : place === 'forest-1' ? one : two
  await seat(realm, 'forest-1', first)
  await seat(realm, 'forest-2', second)

  const authorization = `Bearer ${await service.sessions.issue(asker.account)}`
  const answers: [string, unknown][] = []
  for (const route of inOrder) {
    const requestsOf = requests[route] ?? expect.fail(`${route} is not in the list of this test: write the requests that a player may send`)
    for (const { params = {}, body, headers = {} } of requestsOf({ target: byId ? target.character : target.name, self: asker.character })) {
      const [method = '', path = ''] = route.split(' ')
      const url = path.replaceAll(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? expect.fail(`${route} needs ${name}`)))
      const answer = await service.app.inject({
        method: method as 'GET',
        url,
        headers: { authorization, 'strata-character': asker.character, 'idempotency-key': crypto.randomUUID(), ...headers },
        ...defined({ payload: body }),
      })
      expect(answer.statusCode, `${route}: ${answer.body}`).toBeLessThan(500)
      answers.push([`${route} ${JSON.stringify(body ?? {})}`, [answer.statusCode, answer.json()]])
      if (route === 'POST /v1/enter' && answer.statusCode === 200) await realm.take('forest', answer.json().seat.copy, asker.character)
      await store.recordDecisions(realm.decisions.splice(0).map((decision) => packDecision({ ...decision, id: `${tag} ${decision.id}` })))
    }
  }
  return answers.map(([what, answer]) => [what, JSON.parse(withoutIds(JSON.stringify(answer, withoutTimes)))])
}

async function seat(realm: Realm, copy: string, { character, entity, name, language, guild }: SocialProfile): Promise<void> {
  const now = realm.clock.now()
  const holder = { character, entity, name, language, ...defined({ guild }) }
  await realm.directory.holdSeats({ map: 'forest', holders: [holder], options: [{ copy, limit: 6 }], now, deadline: now + 60_000 })
  await realm.take('forest', copy, character)
}

/** Replaces instants, entities and signatures, and shows what a ticket says. */
function withoutTimes(key: string, value: unknown): unknown {
  if (key === 'entity') return 'an entity'
  if (typeof value === 'number' && value > 1e11) return 'an instant'
  if (typeof value !== 'string' || !value.startsWith('eyJ')) return value
  const { jti: _, permit, ...claims } = decodeJwt(value)
  return { ...claims, permit: typeof permit }
}

function withoutIds(text: string): string {
  return text.replaceAll(/[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/g, 'an id').replaceAll(/\b(\w+ )?id-\d+\b/g, 'an id')
}

/** Digits would look like letters in a name. */
const letters = (n: number): string => [...String(n)].map((digit) => 'abcdefghij'[Number(digit)]).join('')

it('no route tells a player where a blocked or private character is, or whether it is in the world', { timeout: 600_000 }, async () => {
  expect(Object.keys(requests).sort()).toEqual([...routes].sort())
  let n = 0
  let seen = 0
  await fc.assert(
    fc.asyncProperty(relation, async (one) => {
      const sample = n++
      const [here, there, away] = await Promise.all(places.map((place) => answersWith(place, sample, one)))
      if (one.block !== 'none' || one.presence === 'nobody') {
        expect(there).toEqual(here)
        expect(away).toEqual(here)
      } else if (one.friends || one.presence === 'everyone') {
        // The check itself sees a difference where one is allowed.
        expect(away).not.toEqual(here)
        if (one.friends) expect(there).not.toEqual(here)
        seen++
      }
    }),
    { numRuns: 60 },
  )
  expect(seen).toBeGreaterThan(0)
})

it("a player's own explanation shows the copy where it was placed; an operator's shows the other candidates, which tell where guild-mates are", async () => {
  const { store, realm, service } = worlds.get('away') ?? expect.fail('no world')
  realm.directory.clear()
  realm.decisions.splice(0)
  for (const copy of COPIES) await realm.open(copy)
  const mate = await makeCharacter(store, { name: 'Mate of Own', guild: 'Guild of Own' })
  const friend = await makeCharacter(store, { name: 'Friend of Own' })
  const own = await makeCharacter(store, { name: 'Own Explanation', guild: 'Guild of Own', friends: [friend.name] })
  for (const person of [friend, ...(await realm.people(2, 'Filler'))]) await seat(realm, 'forest-1', person)
  await seat(realm, 'forest-2', mate)
  const ask = async (method: 'GET' | 'POST', url: string, token: string, payload?: object) =>
    (await service.app.inject({ method, url, headers: { authorization: `Bearer ${token}` }, ...defined({ payload }) })).json()
  const session = await service.sessions.issue(own.account)
  const { copy } = (await ask('POST', '/v1/enter', session, { map: 'forest' })).seat
  await store.recordDecisions(realm.decisions.map((decision) => packDecision({ ...decision, id: `own ${decision.id}` })))
  const [[seen], [all]] = [
    (await ask('GET', `/v1/explain/${own.character}`, session)).decisions,
    (await ask('GET', `/v1/explain/${own.character}`, OPERATOR)).decisions,
  ]
  const copiesOf = ({ candidates }: { candidates: { copy: string }[] }) => candidates.map((one) => one.copy).sort()
  expect(copiesOf(all)).toEqual([...COPIES])
  expect(copiesOf(seen)).toEqual([copy])
  expect(seen).toMatchObject({ kind: 'place', copy, reason: expect.stringContaining('best that fitted'), candidates: [{ score: expect.any(Number) }] })
})
