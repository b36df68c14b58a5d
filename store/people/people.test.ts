import { afterAll, beforeAll, expect, it } from 'vitest'
import { freshStore } from '../../test/freshStore.ts'
import type { Store } from '../store.ts'

let fresh: Awaited<ReturnType<typeof freshStore>>
let store: Store
beforeAll(async () => {
  fresh = await freshStore()
  store = fresh.store
})
afterAll(() => fresh[Symbol.asyncDispose]())

const login = (name: string, more: { guild?: string; friends?: string[] } = {}) => store.ensureCharacter({ name, language: 'en', friends: [], ...more })

it('names that differ only in case or Unicode form are one character', async () => {
  const first = await login('Ärger')
  const again = await login('a\u0308RGER')
  expect(again.character).toBe(first.character)
  expect(again.entity).toBe(first.entity)
  expect((await store.findCharacter('äRGER'))?.character).toBe(first.character)
  expect((await store.findCharacter(first.character))?.name).toBe('Ärger')
  expect(await store.findCharacter('nobody at all')).toBeUndefined()
})

it('guildName returns the name of a guild', async () => {
  const { guild = '' } = await login('Bea', { guild: 'Lanterns' })
  expect(await store.guildName(guild)).toBe('Lanterns')
  expect(await store.guildName('no such guild')).toBeUndefined()
})

it('300 concurrent logins, each twice, with guilds and friends, make one character per name and lose nothing', async () => {
  const names = Array.from({ length: 300 }, (_, index) => `Crowd ${index}`)
  const person = (name: string, index: number) =>
    login(name, { guild: `Guild ${index % 7}`, friends: [names[(index + 1) % 300] ?? '', names[(index + 2) % 300] ?? ''] })
  const both = await Promise.all([...names.map(person), ...names.map(person)])
  expect(new Set(both.map(({ character }) => character)).size).toBe(300)
  expect(new Set(both.map(({ entity }) => entity)).size).toBe(300)
  expect(new Set(both.map(({ guild }) => guild)).size).toBe(7)
  const profiles = await store.profiles(both.slice(0, 300).map(({ character }) => character))
  expect(profiles.length).toBe(300)
  for (const profile of profiles) expect(profile.friends.length).toBe(4)
})

it('naming a friend who has not played yet takes effect at the first login of the friend', async () => {
  const early = await login('Early', { friends: ['Later', 'Early'] })
  expect(early.friends).toEqual([])
  const later = await login('later')
  expect(later.friends).toEqual([early.character])
  expect((await store.profile(early.character))?.friends).toEqual([later.character])
})

it('a login adds guild and friends and never removes them', async () => {
  const friend = await login('Friend')
  const first = await login('Keeper', { guild: 'The Guild', friends: ['Friend'] })
  const second = await store.ensureCharacter({ name: 'Keeper', language: 'de', friends: [] })
  expect(second).toEqual({ ...first, language: 'de' })
  expect(second.friends).toEqual([friend.character])
  expect((await login('Other', { guild: 'THE GUILD' })).guild).toBe(first.guild)
})

it('P1: a party lists its members in order of joining, has at most five, and ends with its last member', async () => {
  const people = await Promise.all(['Ann', 'Ben', 'Cid', 'Dan', 'Eve', 'Fay'].map((name) => login(name)))
  const ids = people.map(({ character }) => character)
  const [ann = '', ben = '', , , , fay = ''] = ids
  await store.createParty('party-1', ann)
  for (const id of ids.slice(1, 5)) await store.joinParty('party-1', id)
  await store.joinParty('party-1', ben)
  expect((await store.profile(ben))?.partyMembers).toEqual(ids.slice(0, 5))
  await expect(store.joinParty('party-1', fay)).rejects.toMatchObject({ code: 'PARTY_FULL', details: { limit: 5 } })
  await expect(store.joinParty('no party', fay)).rejects.toMatchObject({ code: 'PARTY_UNKNOWN' })
  await expect(store.createParty('party-x', 'nobody')).rejects.toMatchObject({ code: 'CHARACTER_UNKNOWN' })
  await store.createParty('party-2', ann)
  expect((await store.profile(ann))?.party).toBe('party-2')
  expect((await store.profile(ben))?.partyMembers).toEqual(ids.slice(1, 5))
  for (const id of ids.slice(1, 5)) await store.leaveParty(id)
  expect(await store.profile(ben)).not.toHaveProperty('party')
  await expect(store.joinParty('party-1', fay)).rejects.toMatchObject({ code: 'PARTY_UNKNOWN' })
})

it('P1: concurrent joins never exceed five members, and no character is in two parties', { timeout: 30_000 }, async () => {
  const people = await Promise.all(Array.from({ length: 24 }, (_, index) => login(`Joiner ${index}`)))
  const ids = people.map(({ character }) => character)
  await store.createParty('left', ids[0] ?? '')
  await store.createParty('right', ids[1] ?? '')
  const joins = await Promise.allSettled(
    ids.slice(2).flatMap((id, index) => [store.joinParty(index % 2 === 0 ? 'left' : 'right', id), store.joinParty(index % 2 === 0 ? 'right' : 'left', id)]),
  )
  // Two joins of one character run one after the other, so the only refusal is a full party.
  for (const join of joins) if (join.status === 'rejected') expect(join.reason).toMatchObject({ code: 'PARTY_FULL' })
  const parties = new Map<string, string[]>()
  for (const profile of await store.profiles(ids)) if (profile.party !== undefined) parties.set(profile.party, profile.partyMembers)
  const members = [...parties.values()].flat()
  for (const [, inside] of parties) expect(inside.length).toBeLessThanOrEqual(5)
  expect(parties.size).toBe(2)
  expect(new Set(members).size).toBe(members.length)
})

it('P1: a character that joins eight parties at once is in one of them, and the others are unchanged', async () => {
  const founders = await Promise.all(Array.from({ length: 8 }, (_, index) => login(`Founder ${index}`)))
  const { character } = await login('Undecided')
  await Promise.all(founders.map((founder, index) => store.createParty(`choice-${index}`, founder.character)))
  await Promise.all(founders.map((_, index) => store.joinParty(`choice-${index}`, character)))
  const sizes = (await store.profiles(founders.map((founder) => founder.character))).map(({ partyMembers }) => partyMembers.length)
  expect(sizes.toSorted()).toEqual([1, 1, 1, 1, 1, 1, 1, 2])
})
