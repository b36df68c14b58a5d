import { expect, it } from 'vitest'
import { closingCopy } from '../../../model/copy.ts'
import type { CopyId } from '../../../model/ids.ts'
import type { Action } from '../action.ts'
import { toyPolicy } from '../testing/toyPolicy.ts'
import { ToyWorld } from '../testing/toyWorld.ts'

const capacity = { soft: 10, hard: 12, company: 2 }
const policyOf = (spec: Record<string, unknown> = {}) => toyPolicy({ capacity, copies: { min: 2, max: 2 }, ...spec })
const strangers = (count: number, prefix: string) => Array.from({ length: count }, (_, n) => ({ character: `${prefix}${n}` }))
const inParty = (...characters: string[]) => characters.map((character) => ({ character, party: 'p' }))
const moves = (actions: readonly Action[]) => actions.flatMap((action) => (action.type === 'move' ? [action] : []))
const copiesOf = (world: ToyWorld, ...characters: string[]): Set<CopyId> =>
  new Set(characters.flatMap((character) => [...world.copies].flatMap(([id, { seats }]) => (seats.has(character) ? [id] : []))))

it('P1: members of a party in several copies are brought together where most of them are', () => {
  const world = new ToyWorld(policyOf())
  const [one, two] = [world.addCopy([...inParty('a', 'b'), ...strangers(3, 'x')]), world.addCopy([...inParty('c'), ...strangers(4, 'y')])]
  const planned = moves(world.round())
  expect(planned).toMatchObject([{ from: two, to: one, party: 'p', characters: ['c'], cause: 'merge' }])
  for (let n = 0; n < 3; n++) world.round()
  expect(copiesOf(world, 'a', 'b', 'c')).toEqual(new Set([one]))
})

it('P1: without room nobody is moved; when room appears the party is brought together, in a third copy if need be', () => {
  const world = new ToyWorld(policyOf({ copies: { min: 3, max: 3 } }))
  const one = world.addCopy([...inParty('a', 'b'), ...strangers(10, 'x')])
  const two = world.addCopy([...inParty('c', 'd'), ...strangers(10, 'y')])
  world.addCopy(strangers(10, 'z'))
  for (let n = 0; n < 3; n++) expect(moves(world.round())).toEqual([])
  world.leave('x0')
  // One seat does not make the party whole.
  expect(moves(world.round())).toEqual([])
  for (const stranger of ['z0', 'z1', 'z2', 'z3']) world.leave(stranger)
  for (let n = 0; n < 3; n++) world.round()
  const [together] = copiesOf(world, 'a', 'b', 'c', 'd')
  expect(copiesOf(world, 'a', 'b', 'c', 'd').size).toBe(1)
  expect([one, two]).not.toContain(together)
})

it('P1: four who entered alone and made a party then are merged as one', () => {
  const world = new ToyWorld(
    toyPolicy({ capacity, merge: { below: '90%', into: '100%', minAge: '0s', patience: '0s', deadline: '1m' }, copies: { min: 1, max: 5 } }),
  )
  const one = world.addCopy(strangers(3, 'x'))
  const two = world.addCopy(strangers(4, 'm'))
  // The seats follow the party that they made while they played.
  for (const n of [0, 1, 2, 3]) {
    world.leave(`m${n}`)
    world.seat(two, { character: `m${n}`, party: 'p' })
  }
  const ordered: string[][] = []
  for (let n = 0; n < 120; n++) ordered.push(...moves(world.round()).map(({ characters }) => characters.toSorted()))
  const merged = ordered.filter((characters) => characters.some((character) => character.startsWith('m')))
  for (const characters of merged) expect(characters).toEqual(['m0', 'm1', 'm2', 'm3'])
  expect(copiesOf(world, 'm0', 'm1', 'm2', 'm3').size).toBe(1)
  expect(world.copies.has(one) && world.copies.has(two)).toBe(false)
})

it('P1: a party is left alone while a member holds a seat elsewhere or is being moved', () => {
  const world = new ToyWorld(policyOf())
  world.addCopy(inParty('a', 'b'))
  const two = world.addCopy(inParty('c'))
  world.moving.add('c')
  expect(moves(world.round())).toEqual([])
  world.moving.delete('c')
  const seat = world.copies.get(two)?.seats.get('c')
  if (seat === undefined) throw new Error('c has a seat')
  world.copies.get(two)?.seats.set('c', { ...seat, state: 'held', deadline: world.now + 60_000 } as never)
  expect(moves(world.round())).toEqual([])
})

it('C2: a move to the party out of a closing copy ends with that copy, so that a client that never follows cannot keep it open', () => {
  const world = new ToyWorld(policyOf({ copies: { min: 1, max: 2 } }))
  const one = world.addCopy([...inParty('a', 'b'), ...strangers(2, 'x')])
  const two = world.copy(world.addCopy(inParty('c')))
  const deadline = world.now + 5_000
  if (two.copy.state !== 'open') throw new Error('the copy is open')
  two.copy = closingCopy(two.copy, { reason: 'merge', successors: [one], deadline }, world.now)
  expect(moves(world.round())).toMatchObject([{ characters: ['c'], to: one, deadline }])
  // A client that does not follow is in the closing copy again, and is ordered again.
  for (let n = 0; n < 20; n++) {
    world.leave('c')
    world.seat(two.copy.id, { character: 'c', party: 'p' })
    for (const order of moves(world.round())) expect(order).toMatchObject({ characters: ['c'], deadline })
  }
})

it('C5: a party that is together is not moved', () => {
  const world = new ToyWorld(policyOf())
  world.addCopy(inParty('a', 'b', 'c'))
  world.addCopy(strangers(5, 'x'))
  for (let n = 0; n < 5; n++) expect(moves(world.round())).toEqual([])
})
