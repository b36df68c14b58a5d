import fc from 'fast-check'
import { expect, it } from 'vitest'
import { defineEntities, plainEntities } from '../../model/wire/entities/defineEntities.ts'
import { readLayout } from '../../model/wire/entities/layout.ts'
import { SnapshotDecoder } from '../../model/wire/entities/snapshotDecoder.ts'
import { bytes, fuzz, timeout } from './fuzz.ts'

const declared = defineEntities({ dimensions: 3, fields: { health: { type: 'u8' }, motto: { type: 'text' }, target: { type: 'entity' } } })
/** A valid first snapshot: format 2, full, three entities. Most random bytes end at the first wrong byte; bytes after it reach further. */
const start = [18, 1, 0, 0, 3, ...[0, 1, 2].flatMap((n) => [n, 7 + n, 0, 0, 0, 0, 0])]
const input = fc.record({ deep: fc.boolean(), snapshots: fc.array(fc.record({ valid: fc.boolean(), bytes: bytes(200) }), { maxLength: 4 }) })

it('X1: any bytes are a RangeError, or a snapshot with no more things than they have room for', { timeout }, async () => {
  await fuzz('snapshot', input, 5_000, ({ deep, snapshots }) => {
    const decoder = new SnapshotDecoder(deep ? declared.layout : plainEntities.layout)
    for (const { valid, bytes } of snapshots) {
      const all = Uint8Array.from(valid && !deep ? [...start, ...bytes] : bytes)
      try {
        const { entered, changed, left } = decoder.decode(all)
        expect(5 * entered.length + changed.length + left.length).toBeLessThanOrEqual(all.length)
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError)
        return
      }
    }
  })
})

it('X1: any layout is a RangeError, or one with which any bytes are read or refused', { timeout }, async () => {
  const field = fc.record({
    name: fc.string({ maxLength: 4 }),
    type: fc.constantFrom('u8', 'text', 'bool', 'choice', 'angle', 'number', 'later'),
    bytes: fc.integer({ min: -1, max: 300 }),
  })
  const layout = fc.record({
    layout: fc.constantFrom(1, 2),
    dimensions: fc.constantFrom(2, 3),
    position: fc.record({ bytes: fc.integer({ min: 0, max: 5 }), step: fc.double({ min: -1, max: 1 }) }),
    fields: fc.array(fc.oneof(field, fc.jsonValue({ maxDepth: 1 })), { maxLength: 40 }),
  })
  await fuzz('layout', fc.record({ layout: fc.oneof(layout, fc.jsonValue({ maxDepth: 2 })), bytes: bytes(100) }), 2_000, ({ layout, bytes }) => {
    try {
      new SnapshotDecoder(readLayout(layout)).decode(Uint8Array.from(bytes))
    } catch (error) {
      expect(error).toBeInstanceOf(RangeError)
    }
  })
})
