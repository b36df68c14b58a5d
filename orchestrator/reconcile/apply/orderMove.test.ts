import { beforeEach, expect, it } from 'vitest'
import { defined } from '../../../model/defined.ts'
import { StrataError } from '../../../model/errors.ts'
import { createSealKeys, openTicket } from '../../../service/keys/sealedTickets.ts'
import { MemoryFleets } from '../../../test/contract/memoryFleets.ts'
import type { Action } from '../../plan/action.ts'
import { Reconciler } from '../reconciler.ts'
import { policy, World } from '../testing/world.ts'
import { ORPHAN_SEARCH_MS } from './orphanHolds.ts'

let world: World
beforeEach(async () => {
  world = await World.of(new MemoryFleets({ overworld: { replicas: 3, rooms: 4 } }), [policy('forest')])
  await world.serversWork()
})

const move = (from: string, to: string, characters: string[], { party, withinMs = 60_000 }: { party?: string; withinMs?: number } = {}): Action => ({
  type: 'move',
  map: 'forest',
  from,
  to,
  characters,
  ...defined({ party }),
  cause: 'merge',
  deadline: world.clock.now() + withinMs,
  why: 'merge',
})

it('P2: holds seats for all members, puts the order with their tickets into the mailbox, and records the reason', async () => {
  const [a, b] = await world.forest(2)
  if (a === undefined || b === undefined) throw new Error('no copies')
  await world.enter(a, ['ada', 'bob'], 'p')
  await world.apply(move(a.id, b.id, ['ada', 'bob'], { party: 'p' }))
  expect(await world.seated(b)).toEqual(['ada:held', 'bob:held'])
  const [order] = await world.directory.movesFor(a.server)
  expect(order).toMatchObject({ cause: 'merge', party: 'p', from: { copy: a.id, server: a.server }, to: { copy: b.id, address: b.address } })
  expect(order?.members.map(({ character }) => character)).toEqual(['ada', 'bob'])
  expect(order?.members.every(({ ticket }) => ticket.split('.').length === 3)).toBe(true)
  expect(world.decisions).toMatchObject([{ kind: 'move', copy: b.id, characters: ['ada', 'bob'], inputs: { move: order?.id } }])
})

it('S5: the tickets are sealed for the servers that hold the characters; while one is gone, no move is ordered and no seat stays held', async () => {
  const [a, b] = await world.forest(2)
  if (a === undefined || b === undefined) throw new Error('no copies')
  await world.enter(a, ['ada', 'bob'])
  const keys = createSealKeys()
  world.parts.holderKeys = async () => new Map([['ada', keys.publicKey]])
  await world.apply(move(a.id, b.id, ['ada']), move(a.id, b.id, ['bob']))
  const orders = await world.directory.movesFor(a.server)
  expect(orders.map(({ members }) => members.map(({ character }) => character))).toEqual([['ada']])
  const [order] = orders
  const [member] = order?.members ?? []
  if (order === undefined || member === undefined) throw new Error('no order')
  expect(member.ticket).toMatch(/^sealed\./)
  expect(openTicket(order.id, member, keys)?.split('.')).toHaveLength(3)
  expect(await world.seated(b)).toEqual(['ada:held'])
})

it('C5: a character with an order gets no second one, not even from a new leader', async () => {
  const [a, b] = await world.forest(2)
  if (a === undefined || b === undefined) throw new Error('no copies')
  await world.enter(a, ['ada'])
  await world.apply(move(a.id, b.id, ['ada']), move(a.id, b.id, ['ada']))
  world.reconciler = new Reconciler(world.parts)
  await world.apply(move(a.id, b.id, ['ada']))
  expect(await world.directory.movesFor(a.server)).toHaveLength(1)
  expect(world.inputs.at(-1)?.moving).toEqual(new Set(['ada']))
  expect(world.decided()).toEqual(['move'])
})

it('P1: a party member who arrived after the plan was made cancels the move', async () => {
  const [a, b] = await world.forest(2)
  if (a === undefined || b === undefined) throw new Error('no copies')
  await world.enter(a, ['ada', 'bob', 'eve'], 'p')
  await world.apply(move(a.id, b.id, ['ada', 'bob'], { party: 'p' }))
  expect(await world.directory.movesFor(a.server)).toEqual([])
  expect(await world.seated(b)).toEqual([])
})

it('S3: when not all members get a seat, none gets one and nothing is ordered', async () => {
  const [a, b] = await world.forest(2)
  if (a === undefined || b === undefined) throw new Error('no copies')
  await world.enter(b, ['1', '2', '3', '4', '5', '6', '7', '8', '9'])
  await world.enter(a, ['ada', 'bob'], 'p')
  await world.apply(move(a.id, b.id, ['ada', 'bob'], { party: 'p' }))
  expect(await world.seated(b)).toHaveLength(9)
  expect(await world.directory.movesFor(a.server)).toEqual([])
  expect(world.decided()).toEqual([])
})

it('S4: seats whose answer was lost are given back at once, and not held for the deadline of the merge', async () => {
  const [a, b] = await world.forest(2)
  if (a === undefined || b === undefined) throw new Error('no copies')
  await world.enter(a, ['ada'])
  const { holdSeats } = world.directory
  world.directory.holdSeats = async (request) => {
    await holdSeats.call(world.directory, request)
    throw new StrataError('DEPENDENCY_DOWN', { what: 'Redis' })
  }
  await world.apply(move(a.id, b.id, ['ada']))
  world.directory.holdSeats = holdSeats
  expect(await world.seated(b)).toEqual([])
  expect(world.failures).toEqual(['move'])
})

it('S4: seats held for a move whose order was never written are freed within two searches; seats of an ordered move stay held', async () => {
  const [a, b] = await world.forest(2)
  if (a === undefined || b === undefined) throw new Error('no copies')
  await world.enter(a, ['ada', 'bob'])
  const hour = 3_600_000
  await world.apply(move(a.id, b.id, ['ada'], { withinMs: hour }))
  const { orderMove, giveBackSeat } = world.directory
  const dead = (): Promise<never> => Promise.reject(new StrataError('DEPENDENCY_DOWN', { what: 'Redis' }))
  Object.assign(world.directory, { orderMove: dead, giveBackSeat: dead })
  await world.apply(move(a.id, b.id, ['bob'], { withinMs: hour }))
  Object.assign(world.directory, { orderMove, giveBackSeat })
  world.reconciler = new Reconciler(world.parts)
  await world.round()
  await world.round(ORPHAN_SEARCH_MS - 1)
  expect(await world.seated(b)).toEqual(['ada:held', 'bob:held'])
  await world.round(1)
  expect(await world.seated(b)).toEqual(['ada:held'])
})

it('when the order cannot be delivered, its seats are given back and a later round tries again', async () => {
  const [a, b] = await world.forest(2)
  if (a === undefined || b === undefined) throw new Error('no copies')
  await world.enter(a, ['ada'])
  const { orderMove } = world.directory
  world.directory.orderMove = () => Promise.reject(new StrataError('DEPENDENCY_DOWN', { what: 'Redis' }))
  await world.apply(move(a.id, b.id, ['ada']))
  expect(await world.seated(b)).toEqual([])
  expect(world.failures).toEqual(['move'])
  expect(world.decided()).toEqual([])
  world.directory.orderMove = orderMove
  await world.apply(move(a.id, b.id, ['ada']))
  expect(await world.directory.movesFor(a.server)).toEqual([])
  world.clock.advance(600)
  await world.apply(move(a.id, b.id, ['ada']))
  expect(await world.directory.movesFor(a.server)).toHaveLength(1)
})

it('P1: a party that was made after the plan is not split, whatever the plan said', async () => {
  const [a, b] = await world.forest(2)
  if (a === undefined || b === undefined) throw new Error('no copies')
  await world.enter(a, ['ada', 'bob'], 'p')
  // The plan knew both as players without a party.
  await world.apply(move(a.id, b.id, ['ada']))
  expect(await world.directory.movesFor(a.server)).toEqual([])
})
