import { expect, it } from 'vitest'
import type { DirectoryEvent } from '../../../directory/directory.ts'
import { joinPartyCopy } from '../../../matchmaker/flows/joinPartyCopy.ts'
import { pollLine } from '../../../matchmaker/flows/pollLine.ts'
import { travel } from '../../../matchmaker/flows/travel.ts'
import type { Parts } from '../../../matchmaker/parts.ts'
import { promoteHead } from '../../../matchmaker/queue/promotions.ts'
import type { EnterResponse } from '../../../model/wire/matchmaker.ts'
import type { SocialProfile } from '../../../store/store.ts'
import { joinParty, makeParty } from '../../people.ts'
import { storeOfFile } from '../../storeOfFile.ts'
import { takeAndFreeSeat } from '../../takeAndFreeSeat.ts'
import { enterAs, policyNamed, Realm } from '../realm.ts'

const { store } = await storeOfFile()

const never = new AbortController().signal
const wish = (map: string) => ({ map, protocol: 1, wholeParty: false, rankIn: () => 0 })
const poll = (parts: Parts, { character }: SocialProfile, answer: EnterResponse) =>
  pollLine(parts, character, 'line' in answer ? answer.line.ticket : '', { waitMs: 0, signal: never })

/** The character is live in this copy, as its server would report. */
async function live(realm: Realm, { character }: SocialProfile, copy: string, map = 'forest'): Promise<void> {
  await realm.take(map, copy, character)
  await realm.directory.setPresence({ character, map, copy, server: 's1', epoch: 1 })
}

it('S6: a banned account is refused in enter, travel and the line, with the end and the reason, and enters again when the ban is over', async () => {
  await using realm = await Realm.create(store, policyNamed('forest'), policyNamed('hills'))
  const parts = realm.matchmaker()
  for (const map of ['forest', 'hills']) await realm.open(`${map}-1`, map)
  for (const person of await realm.people(3, 'Inside')) {
    await enterAs(parts, person)
    await realm.take('forest', 'forest-1', person.character)
  }
  const [player, waiting, next] = (await realm.people(3, 'Banned')) as [SocialProfile, SocialProfile, SocialProfile]
  await enterAs(parts, player, { map: 'hills' })
  await live(realm, player, 'hills-1', 'hills')
  const places = [await enterAs(parts, waiting), await enterAs(parts, next)] as [EnterResponse, EnterResponse]
  const until = realm.clock.now() + 60_000
  for (const { account } of [player, waiting]) await store.accounts.setBan(account, { until, reason: 'cheating' })
  const refused = { code: 'ACCOUNT_BANNED', details: { until: new Date(until).toISOString(), reason: 'cheating' } }
  await expect(enterAs(parts, player)).rejects.toMatchObject(refused)
  await expect(travel(parts, player.character, wish('forest'))).rejects.toMatchObject(refused)
  await expect(poll(parts, waiting, places[0])).rejects.toMatchObject(refused)
  // The place is gone: it holds nobody up.
  expect(await poll(parts, next, places[1])).toMatchObject({ line: { position: 0, length: 1 } })
  realm.clock.advance(60_000)
  expect(await enterAs(parts, player, { map: 'hills' })).toMatchObject({ seat: { copy: 'hills-1' } })
})

it('S6: a banned account whose turn has come gives its seat back', async () => {
  await using realm = await Realm.create(store, policyNamed('forest'))
  const parts = realm.matchmaker()
  await realm.open('forest-1')
  for (const person of await realm.people(3, 'Turn in')) {
    await enterAs(parts, person)
    await realm.take('forest', 'forest-1', person.character)
  }
  const [waiting] = (await realm.people(1, 'Turn')) as [SocialProfile]
  const place = await enterAs(parts, waiting)
  const { seats } = realm.directory.ledger('forest').snapshot()
  await takeAndFreeSeat(realm.directory, 'forest', 'forest-1', seats[0]?.seat.character ?? '')
  expect(await promoteHead(parts, 'forest')).toBe(1)
  await store.accounts.setBan(waiting.account, { until: realm.clock.now() + 60_000, reason: 'cheating' })
  await expect(poll(parts, waiting, place)).rejects.toMatchObject({ code: 'ACCOUNT_BANNED' })
  expect(realm.seats()['forest-1']).toHaveLength(2)
})

async function twoCharacters(name: string): Promise<[SocialProfile, SocialProfile]> {
  await store.studio.apply(
    ['one', 'two'].map((which) => ({ kind: 'character', character: `${name}-${which}`, account: name, name: `${name} ${which}` }) as const),
  )
  return (await store.profiles([`${name}-one`, `${name}-two`])).toSorted((a, b) => (a.character < b.character ? -1 : 1)) as [SocialProfile, SocialProfile]
}

function wordsTo(realm: Realm): DirectoryEvent[] {
  const words: DirectoryEvent[] = []
  realm.directory.onEvent((event) => {
    if (event.type === 'letGo') words.push(event)
  })
  return words
}

it('S1: with LIVE_CHARACTERS=one, entering with another character ends the session of the first one before the answer, and frees a seat it held', async () => {
  await using realm = await Realm.create(store, policyNamed('forest'))
  const parts = realm.matchmaker()
  await realm.open('forest-1')
  const [one, two] = await twoCharacters('Ana')
  await enterAs(parts, one)
  // The client of the first never came: the seat is held.
  expect(await enterAs(parts, two)).toMatchObject({ seat: { copy: 'forest-1' } })
  expect(realm.seats()['forest-1']).toEqual(['Ana two'])
  await live(realm, two, 'forest-1')
  expect(await store.profile(one.character)).toMatchObject({ playing: two.character, siblings: [two.character] })
  const words = wordsTo(realm)
  let ended = false
  realm.directory.onEvent((event) => {
    if (event.type !== 'letGo' || ended) return
    // The server saves the character, then its presence ends.
    setTimeout(async () => {
      ended = true
      await realm.directory.clearPresence(event.character, 1)
    }, 200)
  })
  await enterAs(parts, one)
  expect(ended).toBe(true)
  expect(words).toMatchObject([{ server: 's1', copy: 'forest-1', character: two.character, epoch: 1 }])
})

/** The server keeps this character for `forMs`, each time that it is asked to let it go; at 0 it lets it go. */
function keeps(realm: Realm, { character }: SocialProfile, forMs: () => number): void {
  realm.directory.onEvent(async (event) => {
    if (event.type !== 'letGo' || event.character !== character) return
    const present = (await realm.directory.presence([character])).get(character)
    if (present !== undefined && forMs() > 0) await realm.directory.setPresence({ ...present, keeps: { ask: event.ask, forMs: forMs() } })
    else await realm.directory.clearPresence(character, event.epoch)
  })
}

it('M3: with LIVE_CHARACTERS=one, another character of the account is refused while the first is busy, and nothing changes', async () => {
  await using realm = await Realm.create(store, policyNamed('forest'))
  const parts = realm.matchmaker()
  await realm.open('forest-1')
  const [one, two] = await twoCharacters('Dot')
  const own = async () => (await store.profile(two.character)) as SocialProfile
  await enterAs(parts, one)
  await live(realm, one, 'forest-1')
  await store.setPlaying(one.account, one.character)
  let busyMs = 12_300
  keeps(realm, one, () => busyMs)
  await expect(enterAs(parts, await own())).rejects.toMatchObject({ code: 'CHARACTER_BUSY', details: { map: 'forest', seconds: 13 } })
  expect(realm.seats()['forest-1']).toEqual(['Dot one'])
  expect(await own()).toMatchObject({ playing: one.character })
  expect(realm.decisions.at(-1)).toMatchObject({ kind: 'refuse', inputs: { code: 'CHARACTER_BUSY' } })
  // The character itself enters again, and asks nobody.
  expect(await enterAs(parts, (await store.profile(one.character)) as SocialProfile)).toMatchObject({ seat: { copy: 'forest-1' } })
  busyMs = 0
  expect(await enterAs(parts, await own())).toMatchObject({ seat: { copy: 'forest-1' } })
  expect(await own()).toMatchObject({ playing: two.character })
  expect((await realm.directory.presence([one.character])).size).toBe(0)
})

it('M3: with LIVE_CHARACTERS=one, a character whose turn in line has come keeps its seat while the first is busy, and gets it afterwards', async () => {
  await using realm = await Realm.create(store, policyNamed('forest', { capacity: { soft: 2, hard: 2, company: 0 } }))
  const parts = realm.matchmaker()
  await realm.open('forest-1')
  const [one, two] = await twoCharacters('Eli')
  const guest = await realm.person('Eli guest')
  for (const person of [one, guest]) {
    await enterAs(parts, person)
    await live(realm, person, 'forest-1')
  }
  const place = await enterAs(parts, two)
  expect(place).toMatchObject({ line: { position: 0 } })
  let busyMs = 5_000
  keeps(realm, one, () => busyMs)
  await takeAndFreeSeat(realm.directory, 'forest', 'forest-1', guest.character)
  expect(await promoteHead(parts, 'forest')).toBe(1)
  await expect(poll(parts, two, place)).rejects.toMatchObject({ code: 'CHARACTER_BUSY' })
  expect(realm.seats()['forest-1']?.toSorted()).toEqual(['Eli one', 'Eli two'])
  busyMs = 0
  expect(await poll(parts, two, place)).toMatchObject({ seat: { copy: 'forest-1' } })
})

it('with LIVE_CHARACTERS=one, a character in the release of a move is asked for again where it goes live', async () => {
  await using realm = await Realm.create(store, choosing())
  const parts = realm.matchmaker()
  for (const copy of ['forest-1', 'forest-2']) await realm.open(copy)
  const [one, two] = await twoCharacters('Flo')
  await enterAs(parts, one, { map: 'forest', copy: 'forest-1' })
  await live(realm, one, 'forest-1')
  const asked: string[] = []
  realm.directory.onEvent(async (event) => {
    if (event.type !== 'letGo') return
    asked.push(event.copy)
    const at = { character: one.character, map: 'forest', server: 's1' }
    if (event.copy === 'forest-1') {
      await realm.directory.setPresence({ ...at, copy: 'forest-1', epoch: 1, keeps: { ask: event.ask, forMs: 0 } })
      await realm.directory.setPresence({ ...at, copy: 'forest-2', epoch: 2 })
    } else await realm.directory.setPresence({ ...at, copy: 'forest-2', epoch: 2, keeps: { ask: event.ask, forMs: 4_000 } })
  })
  await expect(enterAs(parts, two)).rejects.toMatchObject({ code: 'CHARACTER_BUSY', details: { seconds: 4 } })
  expect(asked).toEqual(['forest-1', 'forest-2'])
})

it('with LIVE_CHARACTERS=one the new character does not wait for a server that does not answer', async () => {
  await using realm = await Realm.create(store, policyNamed('forest'))
  const parts = realm.matchmaker()
  await realm.open('forest-1')
  const [one, two] = await twoCharacters('Bea')
  await enterAs(parts, one)
  await live(realm, one, 'forest-1')
  const began = Date.now()
  expect(await enterAs(parts, two)).toMatchObject({ seat: { copy: 'forest-1' } })
  expect(Date.now() - began).toBeLessThan(3_000)
})

it('with LIVE_CHARACTERS=several both characters of an account play, also when the setting was one before', async () => {
  await using realm = await Realm.create(store, policyNamed('forest'))
  await realm.open('forest-1')
  const [one, two] = await twoCharacters('Cai')
  await enterAs(realm.matchmaker(), one)
  const parts: Parts = { ...realm.matchmaker(), liveCharacters: 'several' }
  const words = wordsTo(realm)
  await live(realm, one, 'forest-1')
  await enterAs(parts, two)
  expect(words).toEqual([])
  expect(realm.seats()['forest-1']?.toSorted()).toEqual(['Cai one', 'Cai two'])
  expect(await store.profile(one.character)).not.toHaveProperty('playing')
})

/** Three people who entered alone, in copies of their own: `forest-1`, `forest-2` and `forest-3`. */
async function apart(realm: Realm, parts: Parts, prefix: string): Promise<[SocialProfile, SocialProfile, SocialProfile]> {
  const people = (await realm.people(3, prefix)) as [SocialProfile, SocialProfile, SocialProfile]
  for (const [index, person] of people.entries()) {
    await realm.open(`forest-${index + 1}`)
    await enterAs(parts, person, { map: 'forest', copy: `forest-${index + 1}` })
    await live(realm, person, `forest-${index + 1}`)
  }
  return people
}
const choosing = () => policyNamed('forest', { placement: { chooseCopy: true } })

it('P1: who accepts an invitation is moved to the copy of the leader; the seats say the party at once, and a fifth member enters beside them', async () => {
  await using realm = await Realm.create(store, choosing())
  const parts = realm.matchmaker()
  const [leader, member] = await apart(realm, parts, 'Form')
  await makeParty(store, 'formed', [leader.character, member.character])
  expect(await joinPartyCopy(parts, member.character, leader.character)).toBe('forest-1')
  const [order] = await realm.directory.movesFor('s1')
  expect(order).toMatchObject({ cause: 'travel', members: [{ character: member.character }], from: { copy: 'forest-2' }, to: { copy: 'forest-1' } })
  const seats = realm.directory.ledger('forest').snapshot().seats
  expect(seats.filter(({ seat }) => seat.party === 'formed').map(({ copy, seat }) => `${seat.name} ${copy} ${seat.state}`)).toEqual([
    'Form 0 forest-1 taken',
    'Form 1 forest-1 held',
    'Form 1 forest-2 taken',
  ])
  // Nothing is ordered twice.
  expect(await joinPartyCopy(parts, member.character, leader.character)).toBeUndefined()
  // The move ends, and somebody else enters the party from outside.
  await realm.directory.takeSeat('forest', 'forest-1', member.character, realm.clock.now())
  await realm.directory.freeSeat('forest', 'forest-2', member.character)
  await realm.directory.settleMove('s1', { id: order?.id ?? '', cause: 'travel', state: 'done', members: 1 })
  const late = await realm.person('Form late')
  await joinParty(store, 'formed', leader.character, late.character)
  expect(await joinPartyCopy(parts, late.character, leader.character)).toBeUndefined()
  expect(await enterAs(parts, late)).toMatchObject({ seat: { copy: 'forest-1' } })
})

it('P1: without room beside the leader nothing is ordered and nobody stands in line; on another map nothing is ordered', async () => {
  await using realm = await Realm.create(store, policyNamed('forest', { placement: { chooseCopy: true }, capacity: { soft: 1, hard: 1, company: 0 } }))
  const parts = realm.matchmaker()
  const [leader, member] = await apart(realm, parts, 'Full')
  await makeParty(store, 'full', [leader.character, member.character])
  expect(await joinPartyCopy(parts, member.character, leader.character)).toBeUndefined()
  expect(await realm.directory.movesFor('s1')).toEqual([])
  expect(realm.directory.ledger('forest').snapshot().waiting).toBe(0)
  expect(realm.seats()['forest-2']).toEqual([member.name])
})
