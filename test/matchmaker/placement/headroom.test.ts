import { expect, it } from 'vitest'
import { promoteHead } from '../../../matchmaker/queue/promotions.ts'
import { storeOfFile } from '../../storeOfFile.ts'
import { takeAndFreeSeat } from '../../takeAndFreeSeat.ts'
import { enterAs, policyNamed, Realm } from '../realm.ts'

const { store } = await storeOfFile()

it('P3: seats are reserved for friends who are online on other maps, not for offline ones, and the reserve decays', async () => {
  const capacity = { soft: 6, hard: 6, company: 4, headroom: { likely: '50%', halfLife: '30s' } }
  await using realm = await Realm.create(store, policyNamed('forest', { capacity }), policyNamed('hills'))
  await realm.open('forest-1')
  await realm.open('hills-1', 'hills')
  const parts = realm.matchmaker()
  const friends = ['Bar one', 'Bar two', 'Bar three', 'Bar four', 'Bar five']
  for (const name of friends) await realm.person(name)
  const ada = await realm.person('Bar Ada', { friends })
  // Two of her five friends are on the map hills, the others are offline.
  for (const name of ['Bar one', 'Bar two']) {
    const friend = await realm.person(name)
    await enterAs(parts, friend, { map: 'hills' })
    await realm.take('hills', 'hills-1', friend.character)
  }
  await enterAs(parts, ada)
  await realm.take('forest', 'forest-1', ada.character)
  const strangers = await realm.people(5, 'Bar guest')
  const entered: boolean[] = []
  for (const stranger of strangers) {
    const answer = await enterAs(parts, stranger)
    entered.push('seat' in answer)
    if ('seat' in answer) await realm.take('forest', 'forest-1', stranger.character)
  }
  expect(entered).toEqual([true, true, true, true, false])
  const [one] = [await realm.person('Bar one')]
  expect(await enterAs(parts, one)).toMatchObject({ seat: { copy: 'forest-1' } })
  await takeAndFreeSeat(realm.directory, 'forest', 'forest-1', one.character)
  expect(await promoteHead(parts, 'forest')).toBe(0)
  realm.clock.advance(60_000)
  expect(await promoteHead(parts, 'forest')).toBe(1)
  expect(realm.seats()['forest-1']).toContain('Bar guest 4')
})
