import { expect, it } from 'vitest'
import { passOnNotices } from '../../../matchmaker/profiles/noticeSync.ts'
import { defined } from '../../../model/defined.ts'
import { storeOfFile } from '../../storeOfFile.ts'
import { Realm } from '../realm.ts'
import { type ServedOptions, served } from '../served.ts'

const database = await storeOfFile()

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE'

async function service(options: ServedOptions = {}) {
  const stack = new AsyncDisposableStack()
  const realm = stack.use(await Realm.create(database.store))
  await realm.open('forest-1')
  const { app, sessions } = stack.use(await served(realm, { economy: database.store.economy, ...options }))
  const person = async (name: string) => {
    const authorization = `Bearer ${await sessions.issue(`account of ${name}`)}`
    const ask = async (method: Method, url: string, body?: object, headers: Record<string, string> = {}) => {
      const answer = await app.inject({ method, url, headers: { authorization, ...headers }, ...defined({ payload: body }) })
      return { status: answer.statusCode, json: answer.json() }
    }
    const { character } = (await ask('POST', '/v1/characters', { name })).json as { character: string }
    return { ask, name, character, play: () => playing(character) }
  }
  const playing = async (character: string) => {
    await database.store.profile(character).then(async (profile) => {
      if (profile === undefined) throw new Error('nobody')
      const { entity, name, language } = profile
      const now = realm.clock.now()
      const options = [{ copy: 'forest-1', limit: 5 }]
      await realm.directory.holdSeats({ map: 'forest', holders: [{ character, entity, name, language }], options, now, deadline: now + 60_000 })
      await realm.take('forest', 'forest-1', character)
    })
  }
  return { realm, person, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}
type Player = Awaited<ReturnType<Awaited<ReturnType<typeof service>>['person']>>

/** With a new idempotency key, which every economy route asks for. */
const asked = (player: Player, method: Method, [url, body]: [string, object?]) => player.ask(method, url, body, { 'idempotency-key': crypto.randomUUID() })

async function befriend(one: Player, other: Player): Promise<void> {
  await one.ask('POST', '/v1/friends/requests', { character: other.character })
  expect((await other.ask('POST', '/v1/friends/requests', { character: one.name })).json).toEqual({ state: 'friends' })
}

it('friends: asks by name, accepts, lists with presence, ends it for both', async () => {
  await using api = await service()
  const [ann, ben, cid] = [await api.person('Ann One'), await api.person('Ben One'), await api.person('Cid One')]
  expect((await ann.ask('POST', '/v1/friends/requests', { character: 'BEN ONE' })).json).toEqual({ state: 'requested' })
  expect((await ben.ask('GET', '/v1/friends/requests')).json).toMatchObject({ received: [{ name: 'Ann One' }], sent: [] })
  expect((await ann.ask('POST', `/v1/friends/requests/${ben.character}/accept`)).json.error.code).toBe('REQUEST_UNKNOWN')
  expect((await ben.ask('POST', `/v1/friends/requests/${ann.character}/accept`)).status).toBe(200)
  await ann.ask('POST', '/v1/friends/requests', { character: cid.character })
  await cid.ask('DELETE', `/v1/friends/requests/${ann.character}`)
  expect((await ann.ask('GET', '/v1/friends/requests')).json).toEqual({ received: [], sent: [] })
  expect((await ann.ask('GET', '/v1/friends')).json).toMatchObject({ friends: [{ character: ben.character, name: 'Ben One', online: false }] })
  await ben.play()
  expect((await ann.ask('GET', '/v1/friends')).json).toMatchObject({ friends: [{ online: true, map: 'forest', joinable: true }] })
  await ben.ask('DELETE', `/v1/friends/${ann.character}`)
  expect((await ann.ask('GET', '/v1/friends')).json).toEqual({ friends: [] })
})

it('players in the world get a notice of each list that changed, and a blocked account gets none about the block', async () => {
  await using api = await service()
  const [ann, ben, eve] = [await api.person('Ann Four'), await api.person('Ben Four'), await api.person('Eve Four')]
  for (const player of [ann, ben]) {
    await player.play()
    await database.store.claim(player.character, { copy: 'forest-1', server: 's1' })
  }
  const notices = new Map<string, string[]>()
  api.realm.directory.onEvent((event) => {
    if (event.type === 'tellPlayer' && event.notice.about === 'changed') notices.set(event.character, [...event.notice.topics].sort())
  })
  const after = async (change: Promise<unknown>) => {
    await change
    notices.clear()
    await passOnNotices(api.realm, database.store.social)
    return Object.fromEntries(notices)
  }
  const { character: a } = ann
  const { character: b } = ben
  await passOnNotices(api.realm, database.store.social)
  expect(await after(ann.ask('POST', '/v1/friends/requests', { character: b }))).toEqual({ [a]: ['friendRequests'], [b]: ['friendRequests'] })
  const made = await after(ben.ask('POST', `/v1/friends/requests/${a}/accept`))
  expect(made).toEqual({ [a]: ['friendRequests', 'friends'], [b]: ['friendRequests', 'friends'] })
  expect(await after(ann.ask('POST', '/v1/party'))).toEqual({ [a]: ['party'] })
  expect(await after(ann.ask('POST', '/v1/party/invitations', { character: b }))).toEqual({ [b]: ['partyInvitations'] })
  const [{ party }] = (await ben.ask('GET', '/v1/party/invitations')).json.invitations
  expect(await after(ben.ask('POST', `/v1/party/invitations/${party}/accept`))).toEqual({ [a]: ['party'], [b]: ['party', 'partyInvitations'] })
  expect(await after(ann.ask('POST', '/v1/party/leader', { character: b }))).toEqual({ [a]: ['party'], [b]: ['party'] })
  expect(await after(ben.ask('PATCH', `/v1/characters/${b}`, { settings: { follow: 'ask' } }))).toEqual({ [b]: ['profile'] })
  expect(await after(ben.ask('POST', '/v1/blocks', { character: a }))).toEqual({ [a]: ['friends'], [b]: ['blocks', 'friends'] })
  // Somebody who is not in the world gets none.
  expect(await after(eve.ask('POST', '/v1/party'))).toEqual({})
})

it('presence: nobody sees where a private character is, and only friends where a character with the default setting is', async () => {
  await using api = await service()
  const [ann, ben, eve] = [await api.person('Ann Two'), await api.person('Ben Two'), await api.person('Eve Two')]
  await befriend(ann, ben)
  await ben.play()
  const seen = async (by: Player) => (await by.ask('GET', `/v1/presence/${ben.character}`)).json
  expect(await seen(ann)).toEqual({ online: true, map: 'forest' })
  expect(await seen(eve)).toEqual({ online: false })
  await ben.ask('PATCH', `/v1/characters/${ben.character}`, { settings: { presence: 'nobody', joinable: 'company' } })
  expect(await seen(ann)).toEqual({ online: false })
  const [friend] = (await ann.ask('GET', '/v1/friends')).json.friends
  expect(friend).not.toHaveProperty('map')
  expect(friend.online).toBe(false)
  expect((await ann.ask('POST', '/v1/enter', { friend: ben.name })).json.error.code).toBe('FRIEND_OFFLINE')
  expect((await ann.ask('GET', '/v1/maps')).json.maps[0].copies[0]).toMatchObject({ players: 1, friends: 0 })
  await ben.ask('PATCH', `/v1/characters/${ben.character}`, { settings: { presence: 'everyone' } })
  expect(await seen(eve)).toEqual({ online: true, map: 'forest' })
  expect((await ann.ask('GET', '/v1/presence/no-such-character')).json).toEqual({ online: false })
})

it('a blocked, a private, an offline and an unknown character get the same answers from every route that names somebody', async () => {
  await using api = await service()
  const [ann, ben] = [await api.person('Ann Three'), await api.person('Ben Three')]
  await befriend(ann, ben)
  await ben.play()
  expect((await ben.ask('POST', '/v1/blocks', { character: 'Ann Three' })).status).toBe(200)
  expect((await ben.ask('GET', '/v1/blocks')).json).toMatchObject({ blocks: [{ character: ann.character, name: 'Ann Three' }] })
  expect((await ann.ask('GET', '/v1/blocks')).json).toEqual({ blocks: [] })
  await ann.ask('POST', '/v1/party')
  await ann.ask('POST', '/v1/guild', { name: 'Guild Three' })
  const unknown = 'Nobody At All'
  const routes: [Method, (name: string) => [string, object?]][] = [
    ['POST', (character) => ['/v1/friends/requests', { character }]],
    ['POST', (character) => [`/v1/friends/requests/${encodeURIComponent(character)}/accept`]],
    ['DELETE', (character) => [`/v1/friends/requests/${encodeURIComponent(character)}`]],
    ['DELETE', (character) => [`/v1/friends/${encodeURIComponent(character)}`]],
    ['DELETE', (character) => [`/v1/blocks/${encodeURIComponent(character)}`]],
    ['GET', (character) => [`/v1/presence/${encodeURIComponent(character)}`]],
    ['POST', (character) => ['/v1/party/invitations', { character }]],
    ['POST', (character) => ['/v1/party/kick', { character }]],
    ['POST', (character) => ['/v1/party/leader', { character }]],
    ['POST', (friend) => ['/v1/enter', { friend }]],
    ['POST', (to) => ['/v1/mail', { to, subject: 'Hello' }]],
    ['POST', (character) => ['/v1/guild/invite', { character }]],
    ['POST', (character) => ['/v1/guild/rank', { character, rank: 'officer' }]],
    ['POST', (character) => ['/v1/guild/dismiss', { character }]],
  ]
  for (const [method, of] of routes) {
    const [blockedAnswer, unknownAnswer] = await Promise.all([ben.name, unknown].map((name) => asked(ann, method, of(name))))
    const same = (answer: object | undefined) => JSON.stringify(answer).replaceAll(ben.name, unknown)
    expect(same(blockedAnswer), `${method} ${of(ben.name)[0]}`).toBe(same(unknownAnswer))
  }
  await ben.ask('DELETE', '/v1/blocks/Ann%20Three')
  expect((await ann.ask('POST', '/v1/guild/invite', { character: ben.name })).status).toBe(200)
  expect((await ben.ask('GET', '/v1/guild/invitations')).json).toMatchObject({ invitations: [{ name: 'Guild Three', inviter: { name: 'Ann Three' } }] })
  await ben.ask('POST', '/v1/blocks', { character: ann.character })
  const { guild } = (await ann.ask('GET', '/v1/guild')).json
  expect((await ben.ask('GET', '/v1/guild/invitations')).json).toEqual({ invitations: [] })
  expect((await ben.ask('POST', '/v1/guild/join', { guild })).json.error.code).toBe('GUILD_REFUSED')
  await ben.ask('DELETE', '/v1/blocks/Ann%20Three')
  expect((await ann.ask('POST', '/v1/friends/requests', { character: ben.name })).json).toEqual({ state: 'requested' })
})

it('an invitation to a party can be accepted for as long as the setting says', async () => {
  await using api = await service({ partyInvitationMs: 30_000 })
  const [ann, ben] = [await api.person('Invite Ann'), await api.person('Invite Ben')]
  await database.store.social.createParty('party-four', ann.character)
  const invitations = async () => (await ben.ask('GET', '/v1/party/invitations')).json.invitations as { party: string; expiresAt: number }[]
  const accept = async () => (await ben.ask('POST', '/v1/party/invitations/party-four/accept')).json
  await ann.ask('POST', '/v1/party/invitations', { character: ben.name })
  expect(await invitations()).toMatchObject([{ party: 'party-four', expiresAt: api.realm.clock.now() + 30_000 }])
  api.realm.clock.advance(30_000)
  expect(await invitations()).toEqual([])
  expect(await accept()).toMatchObject({ error: { code: 'INVITATION_UNKNOWN' } })
  await ann.ask('POST', '/v1/party/invitations', { character: ben.name })
  api.realm.clock.advance(29_999)
  expect(await accept()).toMatchObject({ party: 'party-four', members: [{ name: 'Invite Ann' }, { name: 'Invite Ben' }] })
})
