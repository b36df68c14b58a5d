import { expect, it } from 'vitest'
import { leaveLine, pollLine } from '../../../matchmaker/flows/pollLine.ts'
import type { Parts } from '../../../matchmaker/parts.ts'
import { promoteHead } from '../../../matchmaker/queue/promotions.ts'
import type { SocialProfile } from '../../../store/store.ts'
import { storeOfFile } from '../../storeOfFile.ts'
import { takeAndFreeSeat } from '../../takeAndFreeSeat.ts'
import { enterAs, policyNamed, Realm } from '../realm.ts'

const { store } = await storeOfFile()

const MINUTE = 60_000
const never = new AbortController().signal
const cave = (spec: object = {}) => policyNamed('cave', { kind: 'instance', ...spec })

async function ticketOf(parts: Parts, person: SocialProfile): Promise<string> {
  const answer = await enterAs(parts, person, { instance: 'cave' })
  if (!('line' in answer)) throw new Error('not in line')
  return answer.line.ticket
}

it('a party waits in line for its instance, enters when it is open, and returns to it after a dropped connection', async () => {
  await using realm = await Realm.create(store, cave())
  const parts = realm.matchmaker()
  const [ada, bob] = await realm.partyOf(2, 'Delvers')
  const [rival] = await realm.partyOf(2, 'Rivals')
  if (ada === undefined || bob === undefined || rival === undefined) throw new Error('no party')
  const ticket = await ticketOf(parts, ada)
  realm.clock.advance(1)
  const rivalTicket = await ticketOf(parts, rival)
  expect((await realm.directory.lineHead('cave', 9, realm.clock.now())).map(({ holders }) => holders[0]?.party)).toEqual([ada.party, rival.party])
  expect(realm.decisions.at(-1)?.reason).toContain('the instance of their party is not open yet')
  // The rivals' instance opens first. The party before them in line does not block them.
  await realm.open('cave-2', 'cave', { party: rival.party })
  expect(await promoteHead(parts, 'cave')).toBe(1)
  expect(await pollLine(parts, rival.character, rivalTicket, { waitMs: 0, signal: never })).toMatchObject({ seat: { copy: 'cave-2' } })
  expect(await pollLine(parts, ada.character, ticket, { waitMs: 0, signal: never })).toHaveProperty('line')
  await realm.open('cave-1', 'cave', { party: ada.party })
  expect(await promoteHead(parts, 'cave')).toBe(1)
  expect(await pollLine(parts, ada.character, ticket, { waitMs: 0, signal: never })).toMatchObject({ seat: { copy: 'cave-1' } })
  expect(await enterAs(parts, bob, { instance: 'cave' })).toMatchObject({ seat: { copy: 'cave-1' } })
  for (const { character } of [ada, bob]) await takeAndFreeSeat(realm.directory, 'cave', 'cave-1', character)
  expect(await enterAs(parts, ada, { instance: 'cave' })).toMatchObject({ seat: { copy: 'cave-1' } })
})

it('limits new instances per hour; returning to the own instance, and asking again, is not counted', async () => {
  await using realm = await Realm.create(store, cave({ instance: { perHour: 2 } }))
  const parts = realm.matchmaker()
  const [ada, bob] = await realm.partyOf(2, 'Farmers')
  if (ada?.party === undefined || bob === undefined) throw new Error('no party')
  for (const copy of ['cave-1', 'cave-2']) {
    const ticket = await ticketOf(parts, ada)
    await ticketOf(parts, bob)
    await realm.open(copy, 'cave', { party: ada.party })
    await promoteHead(parts, 'cave')
    expect(await pollLine(parts, ada.character, ticket, { waitMs: 0, signal: never })).toMatchObject({ seat: { copy } })
    expect(await enterAs(parts, bob, { instance: 'cave' })).toMatchObject({ seat: { copy } })
    await realm.directory.removeCopy('cave', copy)
    realm.clock.advance(10 * MINUTE)
  }
  await expect(enterAs(parts, ada, { instance: 'cave' })).rejects.toMatchObject({ code: 'INSTANCE_LIMIT', details: { limit: 2, seconds: 40 * 60 } })
  expect(realm.decisions.at(-1)).toMatchObject({ kind: 'refuse', map: 'cave', inputs: { code: 'INSTANCE_LIMIT' } })
  // A new party of the same players does not avoid the limit.
  await store.social.createParty('farmers again', bob.character)
  await expect(enterAs(parts, bob, { instance: 'cave' })).rejects.toMatchObject({ code: 'INSTANCE_LIMIT' })
  realm.clock.advance(40 * MINUTE)
  expect(await enterAs(parts, ada, { instance: 'cave' })).toHaveProperty('line')
})

it('leaving the party, or giving up, ends the place in line for its instance', async () => {
  await using realm = await Realm.create(store, cave())
  const parts = realm.matchmaker()
  const [ada, bob] = await realm.partyOf(2, 'Leavers')
  if (ada === undefined || bob === undefined) throw new Error('no party')
  const [first, second] = [await ticketOf(parts, ada), await ticketOf(parts, bob)]
  await store.social.leaveParty(ada.character)
  await expect(pollLine(parts, ada.character, first, { waitMs: 0, signal: never })).rejects.toMatchObject({ code: 'LINE_UNKNOWN' })
  await leaveLine(parts, bob.character, second)
  expect(await realm.directory.lineHead('cave', 9, realm.clock.now())).toEqual([])
})
