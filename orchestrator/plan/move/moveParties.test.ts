import { describe, expect, it } from 'vitest'
import type { CharacterId } from '../../../model/ids.ts'
import { type People, peopleOf } from '../../../score/people.ts'
import { toyPolicy } from '../testing/toyPolicy.ts'
import { type Person, ToyWorld } from '../testing/toyWorld.ts'
import { movers } from './movers.ts'

const crowd = (count: number, name: string, rest: Partial<Person> = {}): Person[] =>
  Array.from({ length: count }, (_, n) => ({ character: `${name} ${n}`, ...rest }))
const peopleWith = (rest: { friends?: CharacterId[]; blocked?: CharacterId[] }): People => peopleOf({ friends: [], ...rest }, 0)

/** A world in which the first copy, with these players, is sparse and closes; the other copies have these players. Returns where each of the first went. */
function merged(closing: readonly Person[], others: readonly (readonly Person[])[], people: ReadonlyMap<CharacterId, People> = new Map()) {
  const world = new ToyWorld(
    toyPolicy({ capacity: { soft: 80, hard: 100, company: 15 }, merge: { below: '20%', into: '90%', minAge: '10s', deadline: '10m', patience: '0s' } }),
  )
  const ids = [world.addCopy(closing), ...others.map((inside) => world.addCopy(inside))]
  for (const [character, known] of people) world.people.set(character, known)
  for (let n = 0; n < 30; n++) world.round()
  expect(world.moved.length).toBe(closing.length)
  const indexOf = (character: CharacterId) => ids.findIndex((id) => world.copies.get(id)?.seats.has(character) === true)
  return closing.map(({ character }) => indexOf(character))
}

describe('moves out of a closing copy choose by the scorer that places people', () => {
  const germans = crowd(20, 'German', { language: 'de' })
  const french = crowd(25, 'French', { language: 'fr' })

  it('four Germans go to the copy of 20 Germans, and not to the fuller one of 25 French', () => {
    expect(merged(crowd(4, 'mover', { language: 'de' }), [french, germans])).toEqual([2, 2, 2, 2])
  })

  it('each player goes to the copy of the own language', () => {
    expect(merged([...crowd(2, 'left', { language: 'de' }), ...crowd(2, 'right', { language: 'fr' })], [french, germans])).toEqual([2, 2, 1, 1])
  })

  it('friends count more than the language of strangers, and a blocked guild-mate counts for nothing', () => {
    const [mover] = crowd(1, 'mover', { language: 'de', guild: 'g1' })
    if (mover === undefined) throw new Error('one mover')
    const there = [...crowd(19, 'German', { language: 'de' }), { character: 'mate', language: 'de', guild: 'g1' }]
    const friends = peopleWith({ friends: french.slice(0, 6).map(({ character }) => character) })
    expect(merged([mover], [french, there])).toEqual([2])
    expect(merged([mover], [french, there], new Map([[mover.character, friends]]))).toEqual([1])
    const mate = [{ character: 'mate', language: 'fr', guild: 'g1' }, ...crowd(19, 'French', { language: 'fr' })]
    const other = crowd(20, 'German', { language: 'de' })
    const guild = { character: 'mover', language: 'it', guild: 'g1' }
    expect(merged([guild], [other, mate])).toEqual([2])
    expect(merged([guild], [mate, other], new Map([['mover', peopleWith({ blocked: ['mate'] })]]))).toEqual([
      merged([{ character: 'mover', language: 'it' }], [mate, other])[0],
    ])
  })

  it('P1: a party of several languages is moved as one, to the copy that suits it best', () => {
    const party = [...crowd(2, 'member', { language: 'de', party: 'p1' }), { character: 'guest', language: 'fr', party: 'p1' }]
    expect(merged(party, [french, germans])).toEqual([2, 2, 2])
  })

  it('on a map with many copies the successors include the copies of the languages', () => {
    const many = Array.from({ length: 9 }, (_, n) => crowd(30, `crowd ${n}`, { language: 'en' }))
    expect(merged(crowd(2, 'mover', { language: 'de' }), [...many, germans])).toEqual([10, 10])
  })
})

it('C2, P1: a party that fits into no copy stays together until the deadline of a drain, and is then moved one by one', () => {
  const world = new ToyWorld(toyPolicy({ capacity: { soft: 2, hard: 2, company: 0 }, copies: { min: 1, max: 2 }, merge: { deadline: '30s' } }))
  const old = world.addCopy(crowd(2, 'member', { party: 'p1' }))
  world.addServer('s2')
  for (const name of ['left', 'right']) world.addCopy(crowd(1, name), 's2')
  world.draining.add('s1')
  const closed = world.now
  while (world.now < closed + 25_000) world.round()
  expect(world.moved).toEqual([])
  expect(world.copy(old).seats.size).toBe(2)
  while (world.now < closed + 60_000) world.round()
  expect(world.moved.map(({ character }) => character)).toEqual(['member 0', 'member 1'])
  expect(world.copies.has(old)).toBe(false)
})

it('P1: while a copy is opening, a party that fits into no copy is not split, also past the deadline of the drain', () => {
  const world = new ToyWorld(
    toyPolicy({ capacity: { soft: 2, hard: 2, company: 0 }, copies: { min: 1, max: 3 }, merge: { deadline: '10s' }, open: { leadTime: '5s' } }),
    60_000,
  )
  const old = world.addCopy(crowd(2, 'member', { party: 'p1' }))
  world.addServer('s2')
  world.addCopy(crowd(1, 'other'), 's2')
  world.draining.add('s1')
  for (let n = 0; n < 40; n++) world.round()
  expect(world.moved).toEqual([])
  for (let n = 0; n < 60; n++) world.round()
  expect(world.moved.map(({ character }) => character)).toEqual(['member 0', 'member 1'])
  expect(world.moved[0]?.at).toBe(world.moved[1]?.at)
  expect(world.copies.has(old)).toBe(false)
})

it('movers are the players of closing copies that do not wait for departures, at most as many as may be moved in a minute', () => {
  const world = new ToyWorld(toyPolicy({ moves: { perMinute: 3 }, merge: { below: '40%', into: '85%', minAge: '10s', patience: '10m', rest: 0 } }))
  const copy = world.addCopy(crowd(5, 'mover'))
  world.addCopy(crowd(10, 'stayer'))
  for (let n = 0; n < 20; n++) world.round()
  expect(world.copy(copy).copy.state).toBe('closing')
  expect(movers(world.input())).toEqual([])
  world.draining.add('s1')
  expect(movers(world.input())).toHaveLength(3)
})
