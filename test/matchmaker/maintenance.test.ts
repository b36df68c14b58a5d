import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Maintenance } from '../../matchmaker/maintenance/maintenance.ts'
import { meetingsIn } from '../../matchmaker/maintenance/meetings.ts'
import { seededRandom } from '../../model/random.ts'
import { copyOf, holderOf } from '../../score/testing/worlds.ts'
import { packDecision } from '../../store/decisions/candidates.ts'
import { storeOfFile } from '../storeOfFile.ts'
import { takeAndFreeSeat } from '../takeAndFreeSeat.ts'
import { enterAs, policyNamed, Realm } from './realm.ts'

const { store } = await storeOfFile()

const MINUTE = 60_000

it('all characters of a small copy meet, in a crowd 12 each; party members always meet, and meetings are symmetric', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 120 }), fc.integer(), (size, seed) => {
      const holders = Array.from({ length: size }, (_, n) => holderOf(`c${n}`, n < 3 ? { party: 'p1' } : {}))
      const meetings = meetingsIn(copyOf('forest-1', holders), 5, seededRandom(seed))
      for (const [character, met] of meetings) {
        expect(Object.keys(met)).not.toContain(character)
        expect(Object.keys(met).length).toBeLessThanOrEqual(12 + 2)
        expect(Object.keys(met).length).toBeGreaterThanOrEqual(Math.min(size - 1, 12))
        for (const other of Object.keys(met)) expect(meetings.get(other)?.[character]).toBe(5)
      }
      expect(meetings.size).toBe(size < 2 ? 0 : size)
      if (size >= 3) expect(Object.keys(meetings.get('c0') ?? {})).toEqual(expect.arrayContaining(['c1', 'c2']))
    }),
    { numRuns: 60 },
  )
})

it('players who played together are placed together again a day later', async () => {
  await using realm = await Realm.create(store)
  const parts = realm.matchmaker()
  await realm.open('forest-2')
  const [ada, bob, cid, dan] = await realm.people(4, 'Lately')
  if (ada === undefined || bob === undefined || cid === undefined || dan === undefined) throw new Error('nobody')
  for (const person of [ada, bob]) {
    await enterAs(parts, person)
    await realm.take('forest', 'forest-2', person.character)
  }
  await using maintenance = new Maintenance(parts, seededRandom(1))
  await maintenance.runIfDue()
  for (let n = 0; n < 4; n++) {
    realm.clock.advance(5 * MINUTE)
    await maintenance.runIfDue()
  }
  expect((await store.profile(ada.character))?.met?.minutes).toEqual({ [bob.character]: 20 })
  for (const person of [ada, bob]) await takeAndFreeSeat(realm.directory, 'forest', 'forest-2', person.character)
  realm.clock.advance(24 * 60 * MINUTE)
  // A copy that is equally good and first by id, with as many strangers.
  await realm.open('forest-1')
  await realm.directory.holdSeats({
    map: 'forest',
    holders: [
      { character: bob.character, entity: 1, name: 'Bob', language: 'en' },
      { character: 'x', entity: 9, name: 'x', language: 'en' },
    ],
    options: [{ copy: 'forest-2', limit: 5 }],
    now: realm.clock.now(),
    deadline: realm.clock.now() + MINUTE,
  })
  await realm.directory.holdSeats({
    map: 'forest',
    holders: [cid, dan].map(({ character, entity, name }) => ({ character, entity, name, language: 'en' })),
    options: [{ copy: 'forest-1', limit: 5 }],
    now: realm.clock.now(),
    deadline: realm.clock.now() + MINUTE,
  })
  expect(await enterAs(parts, ada)).toMatchObject({ seat: { copy: 'forest-2' } })
  expect(realm.decisions.at(-1)?.candidates[0]?.terms?.['familiar']).toBeGreaterThan(0.2)
})

it('P2: one of several matchmakers deletes decisions after the time that the policy of their map sets', async () => {
  const policies = [policyNamed('forest', { decisions: { keep: '1h' } }), policyNamed('hills', { decisions: { keep: '1d' } })]
  await using realm = await Realm.create(store, ...policies)
  const now = realm.clock.now()
  const decision = (id: string, map: string, ageMs: number) => {
    const why = { reason: 'a test', policyVersion: 'v1', candidates: [], inputs: {} }
    return packDecision({ id: `keep ${id}`, at: now - ageMs, kind: 'place', map, characters: [], ...why })
  }
  const HOUR = 60 * MINUTE
  await store.recordDecisions([
    decision('1', 'forest', 2 * HOUR),
    decision('2', 'forest', HOUR / 2),
    decision('3', 'hills', 2 * HOUR),
    decision('4', 'fleet:overworld', 25 * HOUR),
    decision('5', 'fleet:overworld', 23 * HOUR),
  ])
  await using first = new Maintenance(realm.matchmaker(), seededRandom(1))
  await using second = new Maintenance(realm.matchmaker(), seededRandom(2))
  await first.runIfDue()
  await second.runIfDue()
  const kept = async (map: string) => (await store.decisionsOn(map, 9)).map(({ id }) => id)
  expect(await kept('forest')).toEqual(['keep 2'])
  expect(await kept('hills')).toEqual(['keep 3'])
  expect(await kept('fleet:overworld')).toEqual(['keep 5'])
})
