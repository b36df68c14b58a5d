import { expect, it } from 'vitest'
import { seededRandom } from '../../model/random.ts'
import { WaitEstimate } from './waitEstimate.ts'

const forest = (id: string) => ({ map: 'forest', id })

it('is unknown until enough left the line, then a range that grows with the place', () => {
  const waits = new WaitEstimate()
  expect(waits.estimate('forest', 5, 0)).toBe('unknown')
  for (let step = 0; step <= 7; step++) waits.lengthIs('forest', 30 - step, step * 2_000)
  expect(waits.estimate('forest', 5, 14_000)).toBe('unknown')
  for (let step = 8; step <= 20; step++) waits.lengthIs('forest', 30 - step, step * 2_000)
  const [near, far] = [waits.estimate('forest', 4, 40_000), waits.estimate('forest', 9, 40_000)]
  if (near === 'unknown' || far === 'unknown') throw new Error('still unknown')
  expect(near.p50).toBe(10_000)
  expect(far.p50).toBe(20_000)
  expect(near.p90).toBeGreaterThan(near.p50)
  expect(far.p90 - far.p50).toBeGreaterThan(near.p90 - near.p50)
  expect(waits.estimate('hills', 4, 40_000)).toBe('unknown')
})

it('whoever leaves from behind, or comes in before others, brings nobody forward: positions tell', () => {
  const waits = new WaitEstimate()
  for (let second = 0; second <= 100; second++) {
    waits.lengthIs('forest', 300 - second, second * 1_000)
    // Two leave for each place that those who wait gain.
    if (second % 10 === 0) for (let id = 0; id < 8; id++) waits.observe(forest(`p${id}`), 80 - Math.floor(second / 2), second * 1_000)
  }
  const told = waits.estimate('forest', 9, 100_000)
  if (told === 'unknown') throw new Error('still unknown')
  expect(told.p50).toBeGreaterThan(18_000)
  expect(told.p50).toBeLessThan(22_000)
})

it('standing still counts as much as coming forward, what is long past is forgotten, and a line that is lost at once has not moved', () => {
  const waits = new WaitEstimate()
  for (let second = 0; second <= 40; second++) waits.lengthIs('forest', 100 - second, second * 1_000)
  expect(waits.estimate('forest', 0, 80_000)).toMatchObject({ p50: 2_000 })
  expect(waits.estimate('forest', 0, 40_000 + 6 * 60_000)).toBe('unknown')
  const emptied = new WaitEstimate()
  emptied.lengthIs('forest', 5_000, 0)
  emptied.lengthIs('forest', 1, 1_000)
  expect(emptied.estimate('forest', 9, 2_000)).toBe('unknown')
})

interface Day {
  count: number
  pollMs: number
  /** Seats that come free a second, after so many seconds; at random, `burst` at a time. */
  rate: (seconds: number) => number
  burst?: number
}

/** Everybody polls now and then; the share of true waits that ended inside the range that was told, over all answers. */
function coverage(seed: number, { count, pollMs, rate, burst = 1 }: Day): number {
  const random = seededRandom(seed)
  const exponential = (): number => -Math.log(1 - random())
  const waits = new WaitEstimate()
  const told: { at: number; id: number; p50: number; p90: number }[] = []
  const ended = new Float64Array(count)
  const nextPoll = Float64Array.from({ length: count }, () => random() * pollMs)
  waits.lengthIs('forest', count, 0)
  let [head, seats, next] = [0, 0, exponential()]
  for (let now = 0; head < count; now += 250) {
    for (seats += rate(now / 1_000) / 4 / burst; seats >= next && head < count; next += exponential()) {
      for (let seat = 0; seat < burst && head < count; seat++) {
        ended[head] = now
        waits.observe(forest(`w${head++}`), -1, now)
        waits.lengthIs('forest', count - head, now)
      }
    }
    for (let id = head; id < count; id++) {
      if (now < (nextPoll[id] ?? 0)) continue
      nextPoll[id] = now + pollMs
      waits.observe(forest(`w${id}`), id - head, now)
      const range = waits.estimate('forest', id - head, now)
      if (range !== 'unknown') told.push({ at: now, id, ...range })
    }
  }
  const inside = told.filter(({ at, id, p50, p90 }) => {
    const wait = (ended[id] ?? 0) - at
    return wait >= p50 && wait <= p90
  })
  return inside.length / told.length
}

const days: [name: string, day: Day][] = [
  ['one by one', { count: 300, pollMs: 10_000, rate: () => 1 }],
  ['in bursts of four', { count: 300, pollMs: 10_000, rate: () => 1, burst: 4 }],
  ['by the dozen, after half a minute in which nothing moved', { count: 1_500, pollMs: 45_000, rate: (s) => (s < 30 ? 0 : 15) }],
  ['faster and faster', { count: 1_500, pollMs: 45_000, rate: (s) => (s < 30 ? 0 : 8 + (s - 30) * 0.16) }],
  ['slower and slower', { count: 1_500, pollMs: 10_000, rate: (s) => 6 - Math.min(4, s / 90) }],
  ['in a slow wave', { count: 1_500, pollMs: 10_000, rate: (s) => 4 + 2 * Math.sin((s / 1_200) * 2 * Math.PI) }],
  ['with half a minute of nothing in between', { count: 1_500, pollMs: 10_000, rate: (s) => (s > 100 && s < 130 ? 0 : 6) }],
]

it('the range is honest: about two waits in five end inside it, however seats come free', () => {
  const seeds = [1, 2, 3, 4, 5, 6]
  const shares = days.map(([name, day]) => ({ name, share: seeds.reduce((sum, seed) => sum + coverage(seed, day), 0) / seeds.length }))
  // Nobody knows of a turn before it comes: who was told before it was told too much or too little.
  const least = (name: string): number => (name.includes('wave') ? 0.15 : 0.28)
  for (const { name, share } of shares) {
    expect(share, name).toBeGreaterThan(least(name))
    expect(share, name).toBeLessThan(0.7)
  }
  const mean = shares.reduce((sum, { share }) => sum + share, 0) / shares.length
  expect(mean).toBeGreaterThan(0.35)
  expect(mean).toBeLessThan(0.52)
}, 30_000)
