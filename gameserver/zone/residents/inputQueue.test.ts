import fc from 'fast-check'
import { expect, it } from 'vitest'
import { InputQueue } from './inputQueue.ts'

it('M5: inputs are applied once and in order, even when they are sent repeatedly', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 5 }), fc.boolean()), { maxLength: 60 }), (sendings) => {
      const queue = new InputQueue<number>(0)
      const applied: number[] = []
      let next = 1
      for (const [back, apply] of sendings) {
        // A client sends each new input, and sometimes the last few again.
        for (let seq = Math.max(1, next - back); seq <= next; seq++) queue.add(seq, seq)
        next++
        if (apply) queue.apply((seq) => applied.push(seq))
      }
      queue.apply((seq) => applied.push(seq))
      expect(applied).toEqual(Array.from({ length: next - 1 }, (_, index) => index + 1))
      expect(queue.applied).toBe(next - 1)
    }),
  )
})

it('M5: the destination applies only inputs that the source has not applied', () => {
  const queue = new InputQueue<string>(7)
  expect([queue.add(6, 'old'), queue.add(7, 'old'), queue.add(8, 'new')]).toEqual([false, false, true])
  const applied: string[] = []
  queue.apply((input) => applied.push(input))
  expect([applied, queue.applied]).toEqual([['new'], 8])
})

it('an input that throws is not applied again, and those behind it are applied by the next call', () => {
  const queue = new InputQueue<string>(0)
  for (const [n, input] of ['good', 'bad', 'next'].entries()) queue.add(n + 1, input)
  const applied: string[] = []
  const apply = (): void =>
    queue.apply((input) => {
      if (input === 'bad') throw new Error(input)
      applied.push(input)
    })
  expect(apply).toThrow('bad')
  expect([queue.applied, queue.empty]).toEqual([2, false])
  queue.add(4, 'last')
  apply()
  expect([applied, queue.applied, queue.empty]).toEqual([['good', 'next', 'last'], 4, true])
})
