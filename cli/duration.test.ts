import { expect, it } from 'vitest'
import { duration, timeOfDay } from './duration.ts'

it('shows durations in their two largest units', () => {
  expect([0, 999, 45_000, 200_000, 3_600_000, 7_505_000, 90_061_000].map(duration)).toEqual(['0 s', '0 s', '45 s', '3 m 20 s', '1 h', '2 h 5 m', '1 d 1 h'])
})

it('shows the date when it is not today', () => {
  const now = Date.UTC(2026, 10, 21, 0, 0, 5)
  expect(timeOfDay(now - 1_000, now)).toBe('00:00:04 UTC')
  expect(timeOfDay(now - 10_000, now)).toBe('2026-11-20 23:59:55 UTC')
})
