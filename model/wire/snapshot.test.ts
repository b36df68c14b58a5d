import fc from 'fast-check'
import { expect, it } from 'vitest'
import { decodeSnapshot, encodeSnapshot } from './snapshot.ts'

const motion = fc.record({
  id: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
  x: fc.integer({ min: -32_000, max: 32_000 }).map((steps) => steps / 32),
  y: fc.integer({ min: -32_000, max: 32_000 }).map((steps) => steps / 32),
  heading: fc.integer({ min: 0, max: 255 }).map((steps) => steps / (256 / (2 * Math.PI))),
  flags: fc.integer({ min: 0, max: 255 }),
})
const entity = fc
  .tuple(motion, fc.integer({ min: 0, max: 255 }), fc.string({ maxLength: 40 }))
  .map(([m, kind, name]) => ({ ...m, kind, name: name.toWellFormed() }))

it('decodes what was encoded', () => {
  fc.assert(
    fc.property(
      fc.record({
        tick: fc.nat(),
        full: fc.boolean(),
        entered: fc.array(entity, { maxLength: 20 }),
        moved: fc.array(motion, { maxLength: 20 }),
        left: fc.array(fc.integer({ min: 1, max: 2 ** 32 - 1 }), { maxLength: 20 }),
      }),
      (snapshot) => {
        expect(decodeSnapshot(encodeSnapshot(snapshot))).toEqual(snapshot)
      },
    ),
  )
})

it('clamps positions outside the range', () => {
  const wide = { id: 1, x: 5_000, y: -5_000, heading: 0, flags: 0 }
  const [moved] = decodeSnapshot(encodeSnapshot({ tick: 1, full: false, entered: [], moved: [wide], left: [] })).moved
  expect(moved?.x).toBeCloseTo(1_024, 0)
  expect(moved?.y).toBeCloseTo(-1_024, 0)
})

it('X1: throws RangeError when the bytes end too early', () => {
  const bytes = encodeSnapshot({ tick: 1, full: true, entered: [], moved: [{ id: 1, x: 0, y: 0, heading: 0, flags: 0 }], left: [3] })
  for (let length = 0; length < bytes.length; length++) expect(() => decodeSnapshot(bytes.slice(0, length))).toThrow(RangeError)
})
