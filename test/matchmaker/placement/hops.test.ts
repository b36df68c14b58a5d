import { describe, expect, it } from 'vitest'
import { pollLine } from '../../../matchmaker/flows/pollLine.ts'
import { travel } from '../../../matchmaker/flows/travel.ts'
import { promoteHead } from '../../../matchmaker/queue/promotions.ts'
import { makeParty } from '../../people.ts'
import { storeOfFile } from '../../storeOfFile.ts'
import { takeAndFreeSeat } from '../../takeAndFreeSeat.ts'
import { enterAs, policyNamed, Realm } from '../realm.ts'

const { store } = await storeOfFile()

const MINUTE = 60_000

async function realmOf(prefix: string, spec: object = {}) {
  const realm = await Realm.create(store, policyNamed('forest', { placement: { chooseCopy: true }, capacity: { soft: 20, hard: 20, company: 0 }, ...spec }))
  for (const n of [1, 2, 3, 4]) await realm.open(`forest-${n}`)
  const parts = realm.matchmaker()
  const ada = await realm.person(`${prefix} Ada`)
  let epoch = 0
  /** Asks for a copy or a friend, and takes the seat if one is held. */
  const choose = async (person: typeof ada, wish: { copy?: string; friend?: string }): Promise<string> => {
    try {
      const answer = await enterAs(parts, person, wish)
      if (!('seat' in answer)) return 'line'
      const { copy } = answer.seat
      for (const [other, names] of Object.entries(realm.seats())) {
        if (other !== copy && names.includes(person.name)) await takeAndFreeSeat(realm.directory, 'forest', other, person.character)
      }
      await realm.take('forest', copy, person.character, ++epoch)
      return copy
    } catch (error) {
      const { code, details } = error as { code: string; details: { seconds?: number } }
      return `${code} ${details.seconds}`
    }
  }
  return { realm, parts, ada, choose, [Symbol.asyncDispose]: () => realm[Symbol.asyncDispose]() }
}

describe('choosing a copy by hand', () => {
  it('P2: the first choice is free, each further hop has a longer cool-down, and a refused hop is not counted and is explained', async () => {
    await using w = await realmOf('Escalates')
    expect(await w.choose(w.ada, { copy: 'forest-1' })).toBe('forest-1')
    expect(await w.choose(w.ada, { copy: 'forest-2' })).toBe('forest-2')
    expect(await w.choose(w.ada, { copy: 'forest-3' })).toBe('HOP_COOLDOWN 60')
    expect(w.realm.decisions.at(-1)).toMatchObject({ kind: 'refuse', characters: [w.ada.character], inputs: { code: 'HOP_COOLDOWN', onlyCopy: 'forest-3' } })
    w.realm.clock.advance(59_000)
    expect(await w.choose(w.ada, { copy: 'forest-3' })).toBe('HOP_COOLDOWN 1')
    w.realm.clock.advance(1_000)
    expect(await w.choose(w.ada, { copy: 'forest-3' })).toBe('forest-3')
    w.realm.clock.advance(MINUTE)
    expect(await w.choose(w.ada, { copy: 'forest-1' })).toBe('HOP_COOLDOWN 60')
    expect(await w.choose(w.ada, { copy: 'forest-3' })).toBe('forest-3')
    w.realm.clock.advance(7 * 60 * MINUTE)
    expect(await w.choose(w.ada, { copy: 'forest-1' })).toBe('forest-1')
    expect(await w.choose(w.ada, { copy: 'forest-2' })).toMatch('HOP_COOLDOWN')
  })

  it('logging out, or joining a friend in another copy, does not avoid the cool-down', async () => {
    await using w = await realmOf('Around')
    await w.choose(w.ada, { copy: 'forest-1' })
    await w.choose(w.ada, { copy: 'forest-2' })
    await takeAndFreeSeat(w.realm.directory, 'forest', 'forest-2', w.ada.character)
    await w.realm.directory.clearPresence(w.ada.character, 2)
    expect(await w.choose(w.ada, { copy: 'forest-3' })).toMatch('HOP_COOLDOWN')
    const bob = await w.realm.person('Around Bob', { friends: [w.ada.name] })
    await w.choose(bob, { copy: 'forest-4' })
    expect(await w.choose(w.ada, { friend: 'Around Bob' })).toMatch('HOP_COOLDOWN')
    w.realm.clock.advance(MINUTE)
    expect(await w.choose(w.ada, { friend: 'Around Bob' })).toBe('forest-4')
  })

  it('P1: joining the own party is always allowed, and counts as a hop', async () => {
    await using w = await realmOf('Taxi')
    const bob = await w.realm.person('Taxi Bob')
    await w.choose(w.ada, { copy: 'forest-1' })
    await w.choose(w.ada, { copy: 'forest-2' })
    await w.choose(bob, { copy: 'forest-3' })
    await makeParty(store, 'taxi', [w.ada.character, bob.character])
    expect(await w.choose(w.ada, { friend: 'Taxi Bob' })).toBe('forest-3')
    await store.social.leaveParty(w.ada.character)
    expect(await w.choose(w.ada, { copy: 'forest-4' })).toBe('HOP_COOLDOWN 120')
  })

  it('a travel to another copy of the same map is a hop, and a refused travel is not counted', async () => {
    await using w = await realmOf('Travels')
    await w.choose(w.ada, { copy: 'forest-1' })
    const go = (copy: string) => travel(w.parts, w.ada.character, { protocol: 1, wholeParty: false, rankIn: () => 0, copy })
    await expect(go('forest-9')).rejects.toMatchObject({ code: 'COPY_UNKNOWN' })
    await w.realm.directory.changeCopy({ id: 'forest-4', map: 'forest', server: 's1', created: 0, since: 0, state: 'lost' }, 'open')
    await expect(go('forest-4')).rejects.toMatchObject({ code: 'COPY_UNKNOWN' })
    expect(await go('forest-2')).toHaveProperty('move')
    expect((await store.hopHistory(w.ada.character, 'forest'))?.level).toBeCloseTo(1)
  })
})

describe('joining somebody', () => {
  it('a place in line to join a friend follows the friend to another copy', async () => {
    await using w = await realmOf('Follows', { capacity: { soft: 2, hard: 2, company: 0 } })
    const bob = await w.realm.person('Follows Bob', { friends: [w.ada.name] })
    const [cid, dan, eve] = await w.realm.people(3, 'Follows')
    if (cid === undefined || dan === undefined || eve === undefined) throw new Error('nobody')
    for (const person of [bob, cid]) await w.choose(person, { copy: 'forest-1' })
    for (const person of [dan, eve]) await w.choose(person, { copy: 'forest-2' })
    const answer = await enterAs(w.parts, w.ada, { friend: 'Follows Bob' })
    if (!('line' in answer)) throw new Error('not in line')
    expect(await promoteHead(w.parts, 'forest')).toBe(0)
    // Bob goes to the other copy, which is full with him, and Dan takes his seat.
    await takeAndFreeSeat(w.realm.directory, 'forest', 'forest-1', bob.character)
    await takeAndFreeSeat(w.realm.directory, 'forest', 'forest-2', dan.character)
    const now = w.realm.clock.now()
    for (const [copy, { character, entity, name }] of [
      ['forest-2', bob],
      ['forest-1', dan],
    ] as const) {
      const holders = [{ character, entity, name, language: 'en' }]
      await w.realm.directory.holdSeats({ map: 'forest', holders, options: [{ copy, limit: 2 }], now, deadline: now + MINUTE })
    }
    expect(await promoteHead(w.parts, 'forest')).toBe(0)
    await takeAndFreeSeat(w.realm.directory, 'forest', 'forest-2', eve.character)
    expect(await promoteHead(w.parts, 'forest')).toBe(1)
    expect(await pollLine(w.parts, w.ada.character, answer.line.ticket, { waitMs: 0, signal: new AbortController().signal })).toMatchObject({
      seat: { copy: 'forest-2' },
    })
  })
})
