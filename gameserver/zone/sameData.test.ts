import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { sameData } from './sameData.ts'

const small = fc.oneof(fc.constantFrom(0, -0, 1, Number.NaN, undefined, null, '', 'a', true), fc.anything({ maxDepth: 1 }))
const flat = fc.dictionary(fc.constantFrom('dx', 'dy', 'jump'), small, { maxKeys: 3, noNullPrototype: false })

it('answers as isDeepStrictEqual does', () => {
  fc.assert(
    fc.property(fc.oneof(flat, fc.anything()), fc.oneof(flat, fc.anything()), (one, other) => {
      expect(sameData(one, other)).toBe(isDeepStrictEqual(one, other))
      expect(sameData(one, structuredCopy(one))).toBe(isDeepStrictEqual(one, structuredCopy(one)))
    }),
    { numRuns: 2_000 },
  )
})

function structuredCopy(value: unknown): unknown {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype ? { ...value } : value
}
