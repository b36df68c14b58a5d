import { expect, it } from 'vitest'
import { backoffMs } from './backoff.ts'

const times = { firstMs: 100, maxMs: 1_000 }

it('doubles with each failure, up to the longest delay', () => {
  expect([1, 2, 3, 4, 5, 6, 2_000].map((failures) => backoffMs(times, failures))).toEqual([100, 200, 400, 800, 1_000, 1_000, 1_000])
})

it('draws the delay between half of it and all of it', () => {
  expect(backoffMs(times, 2, () => 0)).toBe(100)
  expect(backoffMs(times, 2, () => 0.5)).toBe(150)
  expect(backoffMs(times, 2, () => 1)).toBe(200)
})
