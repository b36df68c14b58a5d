import { expect, it } from 'vitest'
import { Millis } from './millis.ts'

it('quantiles are the smallest values that the share does not exceed, over several counts together', () => {
  const [one, other] = [new Millis(), new Millis()]
  for (let ms = 1; ms <= 50; ms++) one.add(ms)
  for (let ms = 51; ms <= 100; ms++) other.add(ms)
  one.addAll(other)
  expect(one.report()).toEqual({ p50: 50, p95: 95, p99: 99, max: 100 })
  expect(one.size).toBe(100)
  one.add(1e9)
  expect(one.quantile(1)).toBe(Millis.buckets - 1)
})

it('without durations there are no quantiles', () => {
  expect(new Millis().report()).toEqual({ p50: null, p95: null, p99: null, max: null })
})
