import { expect, it } from 'vitest'
import { Strain } from './strain.ts'

/** Steps of a 20 Hz room at these intervals (ms). */
function after(strain: Strain, from: number, intervals: readonly number[]): number {
  let now = from
  for (const interval of intervals) {
    now += interval
    strain.step(now)
  }
  return now
}

const seconds = (count: number, intervals: readonly number[]): number[] => Array.from({ length: count }, () => intervals).flat()

it('a room that is on time, and one that stalled once, is not strained', () => {
  const strain = new Strain(20)
  const now = after(strain, 0, seconds(100, [50, 51, 49, 52, 48]))
  expect(strain.strained).toBe(false)
  after(strain, now, [150, 0, 0, 50, 50])
  expect(strain.strained).toBe(false)
})

it('a room whose steps keep coming late, in bursts, is strained within seconds, and at ease again within seconds', () => {
  const strain = new Strain(20)
  let now = after(strain, 0, seconds(40, [100, 0]))
  expect(strain.strained).toBe(true)
  // Between the two limits it stays what it is.
  now = after(strain, now, seconds(60, [60, 40]))
  expect(strain.strained).toBe(true)
  after(strain, now, seconds(60, [50]))
  expect(strain.strained).toBe(false)
})
