import { expect, it } from 'vitest'
import { closenessOf } from '../../model/placement/acquaintance.ts'
import { afterHop } from '../../model/placement/hops.ts'
import { makeCharacter } from '../../test/people.ts'
import { storeOfFile } from '../../test/storeOfFile.ts'

const now = Date.UTC(2026, 10, 21)
const MINUTE = 60_000
const HOUR = 60 * MINUTE

const fresh = await storeOfFile()

const person = async (name: string): Promise<string> => (await makeCharacter(fresh.store, { name })).character
const live = async (name: string): Promise<{ character: string; epoch: number }> => {
  const character = await person(name)
  return { character, epoch: (await fresh.store.claim(character, { copy: 'c', server: 's' })).epoch }
}

it('meetings are part of the profile, add up and fade; unknown characters are ignored', async () => {
  const { store } = fresh
  const [ada, bob, cid] = [await person('Met Ada'), await person('Met Bob'), await person('Met Cid')]
  await store.recordMeetings(
    new Map([
      [ada, { [bob]: 30, [cid]: 5 }],
      ['nobody', { [ada]: 9 }],
    ]),
    now,
  )
  await store.recordMeetings(new Map([[ada, { [bob]: 30 }]]), now + MINUTE)
  const { met } = (await store.profile(ada)) ?? {}
  expect(met).toEqual({ at: now + MINUTE, minutes: { [bob]: 60, [cid]: 5 } })
  if (met === undefined) throw new Error('No meetings were stored.')
  expect(closenessOf(met, now + MINUTE)).toEqual(new Map([[bob, 0.5]]))
  expect(closenessOf(met, now + 7 * 24 * HOUR).get(bob)).toBeCloseTo(1 / 3)
  expect(closenessOf(met, now + 60 * 24 * HOUR).size).toBe(0)
  expect(await store.profile(bob)).not.toHaveProperty('met')
})

it('concurrent recordMeetings calls lose no minutes', async () => {
  const { store } = fresh
  const people = await Promise.all(Array.from({ length: 20 }, (_, n) => person(`Crossing ${n}`)))
  const all = (minutes: number) =>
    new Map(people.map((one) => [one, Object.fromEntries(people.filter((other) => other !== one).map((other) => [other, minutes]))]))
  await Promise.all([store.recordMeetings(all(2), now), store.recordMeetings(all(3), now), store.recordMeetings(all(5), now)])
  for (const { met } of await store.profiles(people)) expect(new Set(Object.values(met?.minutes ?? {}))).toEqual(new Set([10]))
})

it('S2: only the current epoch sets attributes; a login without attributes keeps them', async () => {
  const { store } = fresh
  const { character, epoch } = await live('Described')
  expect(await store.describe(character, epoch, { level: 12, faction: 'red' })).toBe(true)
  expect(await store.describe(character, epoch - 1, { level: 99 })).toBe(false)
  expect((await store.profile(character))?.attributes).toEqual({ level: 12, faction: 'red' })
  await person('Described')
  expect((await store.profile(character))?.attributes).toEqual({ level: 12, faction: 'red' })
})

it('one of two concurrent hops is recorded', async () => {
  const { store } = fresh
  const character = await person('Hopper')
  const cooldown = { firstMs: MINUTE, factor: 2, maxMs: HOUR, forgetMs: 6 * HOUR }
  expect(await store.hopHistory(character, 'forest')).toBeUndefined()
  const first = afterHop(undefined, cooldown, 'forest-1', now)
  expect((await Promise.all([store.recordHop(character, 'forest', undefined, first), store.recordHop(character, 'forest', undefined, first)])).sort()).toEqual([
    false,
    true,
  ])
  expect(await store.hopHistory(character, 'forest')).toEqual(first)
  const second = afterHop(first, cooldown, 'forest-2', now + HOUR)
  const both = [second, { ...second, copy: 'forest-3' }].map((after) => store.recordHop(character, 'forest', first, after))
  expect((await Promise.all(both)).filter(Boolean)).toHaveLength(1)
})

it('a lock is taken once, by the first request of any copy, until it ends', async () => {
  const { store } = fresh
  const raid = await Promise.all(Array.from({ length: 10 }, (_, n) => live(`Raider ${n}`)))
  const ids = raid.map(({ character }) => character).sort()
  const lock = { key: 'boss:dragon', until: now + HOUR }
  const kills = await Promise.all(
    Array.from({ length: 6 }, (_, n) => store.takeLocks({ ...lock, deed: `kill ${n}` }, n % 2 === 0 ? raid : raid.toReversed(), now)),
  )
  expect(kills.flat().sort()).toEqual(ids)
  const winner = kills.findIndex((got) => got.length > 0)
  expect((await store.takeLocks({ ...lock, deed: `kill ${winner}` }, raid, now)).sort()).toEqual(kills[winner]?.toSorted())
  expect([...(await store.lockedOut('boss:dragon', ids, now)).keys()].sort()).toEqual(ids)
  expect(await store.locksOf(ids[0] ?? '', now)).toEqual([lock])
  expect(await store.takeLocks({ key: lock.key, until: now + 3 * HOUR, deed: 'the next week' }, raid, now + HOUR)).toHaveLength(10)
})

it('S2: a stale epoch takes no lock, and only the deed that took a lock releases it', async () => {
  const { store } = fresh
  const ghost = await live('Ghost')
  await store.claim(ghost.character, { copy: 'elsewhere', server: 's' })
  const lock = { key: 'chest:17', until: now + HOUR, deed: 'opened' }
  expect(await store.takeLocks(lock, [ghost], now)).toEqual([])
  expect(
    await store.takeLocks(
      lock,
      [
        { ...ghost, epoch: ghost.epoch + 1 },
        { character: 'nobody', epoch: 1 },
      ],
      now,
    ),
  ).toEqual([ghost.character])
  expect(await store.releaseLock(lock.key, ghost.character, 'another')).toBe(false)
  expect(await store.releaseLock(lock.key, ghost.character, 'opened')).toBe(true)
  expect(await store.locksOf(ghost.character, now)).toEqual([])
})

it('the hourly limit of instances counts per member, across parties; a repeated request counts once', async () => {
  const { store } = fresh
  const members = await Promise.all(['Delver one', 'Delver two'].map(person))
  const ask = (at: number, party = 'p1', who = members) => store.countInstance({ map: 'cave', party, members: who, perHour: 2, pendingMs: 2 * MINUTE, now: at })
  expect(await Promise.all([ask(now), ask(now + 1), ask(now + 2)])).toEqual([undefined, undefined, undefined])
  expect(await ask(now + 10 * MINUTE, 'p2')).toBeUndefined()
  expect(await ask(now + 20 * MINUTE, 'p3')).toBeGreaterThanOrEqual(now + HOUR)
  expect(await ask(now + 20 * MINUTE, 'p3')).toBeLessThanOrEqual(now + HOUR + 2)
  expect(await ask(now + 20 * MINUTE, 'p4', [await person('Delver three')])).toBeUndefined()
  expect(await ask(now + HOUR + 3, 'p3')).toBeUndefined()
})

it('forgetRecords deletes records without effect', async () => {
  const { store } = fresh
  const { character, epoch } = await live('Forgotten')
  await store.takeLocks({ key: 'old', until: now + 1, deed: 'x' }, [{ character, epoch }], now)
  expect(await store.forgetRecords(now + 90 * 24 * HOUR)).toBeGreaterThan(0)
  expect(await store.forgetRecords(now + 90 * 24 * HOUR)).toBe(0)
})

it('D3: times of day are read with their unknown quarters, replaced per map, and deleted after 60 days without an update', async () => {
  const { store } = fresh
  const quarters = [12.5, undefined, 0, ...Array.from({ length: 93 }, () => undefined)]
  await store.recordDayShapes(
    new Map([
      ['forest', quarters],
      ['hills', quarters],
    ]),
    now,
  )
  await store.recordDayShapes(new Map([['forest', quarters.with(1, 7)]]), now + 30 * 24 * HOUR)
  await store.recordDayShapes(new Map(), now)
  expect(await store.dayShapes()).toEqual(
    new Map([
      ['forest', quarters.with(1, 7)],
      ['hills', quarters],
    ]),
  )
  await store.forgetRecords(now + 61 * 24 * HOUR)
  expect([...(await store.dayShapes()).keys()]).toEqual(['forest'])
})

it('D3: crowds of events are read as they were stored, replaced per map, and deleted after 400 days', async () => {
  const { store } = fresh
  const crowds = new Map([
    ['raid', 120],
    ['fair', 7],
  ])
  await store.recordEventCrowds(new Map([['forest', crowds]]), now)
  await store.recordEventCrowds(new Map([['hills', new Map([['raid', 3]])]]), now + 30 * 24 * HOUR)
  expect(await store.eventCrowds()).toEqual(
    new Map([
      ['forest', crowds],
      ['hills', new Map([['raid', 3]])],
    ]),
  )
  await store.forgetRecords(now + 401 * 24 * HOUR)
  expect([...(await store.eventCrowds()).keys()]).toEqual(['hills'])
})
