import { expect, it } from 'vitest'
import { OverloadDetector } from './overloadDetector.ts'

/** Feeds steps at these intervals (ms); returns the time of the last one. */
function after(detector: OverloadDetector, from: number, intervals: readonly number[]): number {
  let now = from
  for (const interval of intervals) {
    now += interval
    detector.step(now)
  }
  return now
}

const seconds = (count: number, intervals: readonly number[]): number[] => Array.from({ length: count }, () => intervals).flat()

it('a room with steps on time, or with a single stall, is not overloaded', () => {
  const detector = new OverloadDetector(20)
  const now = after(detector, 0, seconds(100, [50, 51, 49, 52, 48]))
  expect(detector.overloaded).toBe(false)
  after(detector, now, [150, 0, 0, 50, 50])
  expect(detector.overloaded).toBe(false)
})

it('a room whose steps are late again and again is overloaded within seconds, and recovers within seconds', () => {
  const detector = new OverloadDetector(20)
  let now = after(detector, 0, seconds(40, [100, 0]))
  expect(detector.overloaded).toBe(true)
  // Between the two limits the state does not change.
  now = after(detector, now, seconds(60, [60, 40]))
  expect(detector.overloaded).toBe(true)
  after(detector, now, seconds(60, [50]))
  expect(detector.overloaded).toBe(false)
})
