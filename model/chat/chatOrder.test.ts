import { expect, it } from 'vitest'
import { ChatOrder } from './chatOrder.ts'

const from = { character: 'ann' }

it('T1: a message is new once, and only after every earlier one of its stream in its channel', () => {
  const order = new ChatOrder(100)
  expect(order.isNew('map:forest', { id: 's:1', from })).toBe(true)
  expect(order.isNew('map:forest', { id: 's:1', from })).toBe(false)
  expect(order.isNew('map:forest', { id: 's:10', from })).toBe(true)
  expect(order.isNew('map:forest', { id: 's:9', from })).toBe(false)
  expect(order.isNew('party:p', { id: 's:9', from })).toBe(true)
  expect(order.isNew('map:forest', { id: 't:1', from })).toBe(true)
  expect(order.isNew('map:forest', { id: 's:9', from: { character: 'bob' } })).toBe(true)
})

it('T1: messages of operators are compared by their whole id', () => {
  const order = new ChatOrder(100)
  for (const id of ['b:2', 'b:1', 'x']) expect([order.isNew('announcement', { id }), order.isNew('announcement', { id })]).toEqual([true, false])
})

it('the stream that was silent for longest is forgotten first, and the newest message is still new', () => {
  const order = new ChatOrder(2)
  const say = (id: string): boolean => order.isNew('map:forest', { id, from })
  expect([say('a:1'), say('b:1'), say('a:2'), say('c:1')]).toEqual([true, true, true, true])
  expect(say('a:2')).toBe(false)
  expect(say('b:1')).toBe(true)
})
