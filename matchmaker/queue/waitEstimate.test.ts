import { expect, it } from 'vitest'
import { seededRandom } from '../../model/random.ts'
import { WaitEstimate } from './waitEstimate.ts'

const forest = (id: string) => ({ map: 'forest', id })

it('is unknown until enough places were gained, then a range that grows with the place', () => {
  const waits = new WaitEstimate()
  expect(waits.estimate('forest', 5, 0)).toBe('unknown')
  for (let step = 0; step <= 7; step++) waits.observe(forest('a'), 20 - step, step * 2_000)
  expect(waits.estimate('forest', 5, 14_000)).toBe('unknown')
  for (let step = 8; step <= 20; step++) waits.observe(forest('a'), 20 - step, step * 2_000)
  const [near, far] = [waits.estimate('forest', 4, 40_000), waits.estimate('forest', 9, 40_000)]
  if (near === 'unknown' || far === 'unknown') throw new Error('still unknown')
  expect(near.p50).toBe(10_000)
  expect(far.p50).toBe(20_000)
  expect(near.p90).toBeGreaterThan(near.p50)
  expect(far.p90 - far.p50).toBeGreaterThan(near.p90 - near.p50)
  expect(waits.estimate('hills', 4, 40_000)).toBe('unknown')
})

it('standing still counts as much as coming forward, and what is long past is forgotten', () => {
  const waits = new WaitEstimate()
  for (let poll = 0; poll <= 10; poll++) for (let id = 0; id < 8; id++) waits.observe(forest(`p${id}`), 30 - Math.floor(poll / 2), poll * 10_000)
  expect(waits.estimate('forest', 0, 100_000)).toMatchObject({ p50: 20_000 })
  expect(waits.estimate('forest', 0, 100_000 + 6 * 60_000)).toBe('unknown')
})

/** A line of `count` who poll every ten seconds, seats coming free `burst` at a time at random; the share of waits inside the range they were told. */
function coverage(seed: number, { count, perSecond, burst }: { count: number; perSecond: number; burst: number }): number {
  const random = seededRandom(seed)
  const waits = new WaitEstimate()
  const told: { at: number; id: number; p50: number; p90: number }[] = []
  const ended = new Map<number, number>()
  let head = 0
  let nextFree = 0
  for (let now = 0; head < count; now += 250) {
    for (; nextFree <= now && head < count; nextFree += (-Math.log(1 - random()) * 1000 * burst) / perSecond) {
      for (let seat = 0; seat < burst && head < count; seat++) {
        waits.observe(forest(`w${head}`), -1, now)
        ended.set(head++, now)
      }
    }
    for (let id = head; id < count; id++) {
      if ((now + id * 250) % 10_000 !== 0) continue
      waits.observe(forest(`w${id}`), id - head, now)
      const range = waits.estimate('forest', id - head, now)
      if (range !== 'unknown') told.push({ at: now, id, ...range })
    }
  }
  const inside = told.filter(({ at, id, p50, p90 }) => {
    const wait = (ended.get(id) ?? 0) - at
    return wait >= p50 && wait <= p90
  })
  return inside.length / told.length
}

it('the range is honest: about two waits in five end inside it, whether seats come one by one or in bursts', () => {
  const means = [1, 2, 4].map((burst) => {
    const shares = Array.from({ length: 10 }, (_, n) => n + 1).map((seed) => coverage(seed, { count: 300, perSecond: 1, burst }))
    return shares.reduce((sum, share) => sum + share, 0) / shares.length
  })
  for (const mean of means) {
    expect(mean).toBeGreaterThan(0.3)
    expect(mean).toBeLessThan(0.5)
  }
})
