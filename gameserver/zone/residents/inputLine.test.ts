import fc from 'fast-check'
import { expect, it } from 'vitest'
import { InputLine } from './inputLine.ts'

it('M5: inputs are applied once and in order, however often they are sent again', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 5 }), fc.boolean()), { maxLength: 60 }), (sendings) => {
      const line = new InputLine<number>(0)
      const applied: number[] = []
      let next = 1
      for (const [back, apply] of sendings) {
        // A client sends what is new, and now and then the last few again.
        for (let seq = Math.max(1, next - back); seq <= next; seq++) line.add(seq, seq)
        next++
        if (apply) line.apply((seq) => applied.push(seq))
      }
      line.apply((seq) => applied.push(seq))
      expect(applied).toEqual(Array.from({ length: next - 1 }, (_, index) => index + 1))
      expect(line.applied).toBe(next - 1)
    }),
  )
})

it('M5: at the destination only what the source did not apply is new', () => {
  const line = new InputLine<string>(7)
  expect([line.add(6, 'old'), line.add(7, 'old'), line.add(8, 'new')]).toEqual([false, false, true])
  const applied: string[] = []
  expect(line.apply((input) => applied.push(input))).toBe(true)
  expect([applied, line.applied]).toEqual([['new'], 8])
})

it('an input whose application throws is not tried again', () => {
  const line = new InputLine<string>(0)
  line.add(1, 'bad')
  expect(() =>
    line.apply(() => {
      throw new Error('bad')
    }),
  ).toThrow()
  expect([line.applied, line.apply(() => {})]).toEqual([1, false])
})
