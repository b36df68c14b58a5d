import fc from 'fast-check'
import { expect, it } from 'vitest'
import { inputMessage } from './clientMessages.ts'
import { usualInput } from './usualInput.ts'

const number = fc.oneof(fc.integer(), fc.integer({ min: 0, max: 2 ** 33 }), fc.double(), fc.maxSafeInteger())
const message = fc.oneof(
  fc.record({ seq: number, data: fc.anything(), seen: number, extra: fc.anything() }, { requiredKeys: [] }),
  fc.record({ seq: fc.integer({ min: 1 }), data: fc.object(), seen: fc.integer({ min: 0, max: 2 ** 33 }) }, { requiredKeys: ['seq', 'data'] }),
  fc.anything(),
)

it('X1: takes no message that the schema of inputs refuses, and takes it as the schema does', () => {
  fc.assert(
    fc.property(message, (value) => {
      const taken = usualInput(value)
      if (taken === undefined) return
      const parsed = inputMessage.safeParse(value)
      expect(parsed.success).toBe(true)
      expect(parsed.data).toEqual(taken)
    }),
    { numRuns: 2_000 },
  )
})

it('takes the inputs that clients send', () => {
  for (const sent of [
    { seq: 1, data: { dx: 1 } },
    { seq: 7, data: null, seen: 0 },
  ])
    expect(usualInput(sent)).toBe(sent)
  for (const other of [null, 'x', { seq: 0, data: 1 }, { seq: 1 }, { seq: 1, data: 1, seen: -1 }, { seq: 1, data: 1, more: 1 }])
    expect(usualInput(other)).toBeUndefined()
})
