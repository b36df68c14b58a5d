import { expect, it } from 'vitest'
import { decodeSnapshot } from '../../model/wire/snapshot.ts'
import { bytes, fuzz, timeout } from './fuzz.ts'

it('X1: any bytes are a RangeError, or a snapshot with no more things than they have room for', { timeout }, async () => {
  await fuzz('snapshot', bytes(400), 5_000, (input) => {
    try {
      const { entered, moved, left } = decodeSnapshot(Uint8Array.from(input))
      // No more things than the bytes have room for.
      expect(12 * entered.length + 10 * moved.length + 4 * left.length).toBeLessThanOrEqual(input.length)
    } catch (error) {
      expect(error).toBeInstanceOf(RangeError)
    }
  })
})
