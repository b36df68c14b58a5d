import { expect, it } from 'vitest'
import { MemoryDirectory } from '../../directory/memory.ts'
import type { MoveOrder } from '../../model/move.ts'
import type { ZoneServices } from '../zone/services.ts'
import { readMailbox } from './mailbox.ts'

const order = (id: string, copy: string, ordered: number): MoveOrder => ({
  ...{ id, cause: 'travel', members: [{ character: id, ticket: '' }], ordered, deadline: 60_000 },
  from: { map: 'forest', copy, server: 's' },
  to: { map: 'hills', copy: 'b', server: 't', address: 'ws://127.0.0.1:1', heldUntil: 60_000 },
})

it('M2: a slow refusal of one order does not delay the others and does not start them twice', async () => {
  const directory = new MemoryDirectory()
  for (const one of [order('ann', 'gone', 0), order('bob', 'here', 1)]) await directory.orderMove(one)
  const slow = Promise.withResolvers<void>()
  directory.giveBackSeat = () => slow.promise
  const taken: string[] = []
  const rooms = new Map([['here', { takeOrder: ({ id }: MoveOrder) => void taken.push(id) }]])
  const services = { directory, server: 's', rooms, log: { info: () => undefined } } as unknown as ZoneServices
  const reading = readMailbox(services)
  await new Promise(setImmediate)
  expect(taken).toEqual(['bob'])
  slow.resolve()
  await reading
  expect(taken).toEqual(['bob'])
  expect((await directory.movesFor('s')).map(({ id }) => id)).toEqual(['bob'])
})
