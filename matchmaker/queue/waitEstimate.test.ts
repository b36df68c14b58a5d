import { expect, it } from 'vitest'
import { WaitEstimate } from './waitEstimate.ts'

const forest = (id: string) => ({ map: 'forest', id })

it('is unknown until enough steps were seen, then a range that grows with the place', () => {
  const waits = new WaitEstimate()
  expect(waits.estimate('forest', 5, 0)).toBe('unknown')
  // One place every two seconds, and at last a slow one.
  for (let step = 0; step < 10; step++) waits.observe(forest('a'), 20 - step, step * 2_000)
  waits.observe(forest('a'), 10, 28_000)
  const near = waits.estimate('forest', 4, 28_000)
  const far = waits.estimate('forest', 9, 28_000)
  expect(near).toEqual({ p50: 10_000, p90: 10_000 })
  expect(far).toEqual({ p50: 20_000, p90: 20_000 })
  expect(waits.estimate('hills', 4, 28_000)).toBe('unknown')
})

it('a slow patch widens the range upwards', () => {
  const waits = new WaitEstimate()
  let at = 0
  for (let step = 0; step < 20; step++) {
    at += step % 5 === 0 ? 10_000 : 1_000
    waits.observe(forest('a'), 40 - step, at)
  }
  expect(waits.estimate('forest', 0, at)).toEqual({ p50: 1_000, p90: 10_000 })
})

it('standing still is counted when the step comes, and what is long past is forgotten', () => {
  const waits = new WaitEstimate()
  for (let id = 0; id < 8; id++) {
    waits.observe(forest(`p${id}`), 3, 0)
    waits.observe(forest(`p${id}`), 3, 30_000)
    waits.observe(forest(`p${id}`), -1, 40_000)
  }
  expect(waits.estimate('forest', 0, 40_000)).toEqual({ p50: 10_000, p90: 10_000 })
  expect(waits.estimate('forest', 0, 40_000 + 16 * 60_000)).toBe('unknown')
})
