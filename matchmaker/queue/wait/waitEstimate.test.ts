import { expect, it } from 'vitest'
import { seededRandom } from '../../../model/random.ts'
import { WaitEstimate } from './waitEstimate.ts'

const forest = (id: string) => ({ map: 'forest', id })

const known = (estimates: ReturnType<WaitEstimate['estimate']>): { p50: number; p90: number } => {
  if (estimates === 'unknown') throw new Error('the estimate is unknown')
  return estimates
}

it('is unknown until there were enough turns, then a range that grows with the position', () => {
  const waits = new WaitEstimate()
  expect(waits.estimate('forest', 5, 0)).toBe('unknown')
  for (let step = 0; step < 7; step++) waits.recordTurn('forest', step * 2_000)
  expect(waits.estimate('forest', 5, 14_000)).toBe('unknown')
  for (let step = 7; step <= 40; step++) waits.recordTurn('forest', step * 2_000)
  const [near, far] = [known(waits.estimate('forest', 4, 81_000)), known(waits.estimate('forest', 9, 81_000))]
  expect(near.p50).toBeGreaterThan(8_000)
  expect(near.p50).toBeLessThan(12_000)
  expect(far.p50 / near.p50).toBeGreaterThan(1.8)
  expect(far.p50 / near.p50).toBeLessThan(2.4)
  expect(near.p90).toBeGreaterThan(near.p50)
  expect(far.p90 - far.p50).toBeGreaterThan(near.p90 - near.p50)
  expect(waits.estimate('hills', 4, 81_000)).toBe('unknown')
})

it('uses positions: players who get in ahead lengthen the wait, players who leave ahead shorten it', () => {
  const estimates = [0.5, 1, 2].map((placesATurn) => {
    const waits = new WaitEstimate()
    for (let second = 0; second <= 100; second++) {
      waits.recordTurn('forest', second * 1_000)
      if (second % 10 === 0) for (let id = 0; id < 8; id++) waits.recordPosition(forest(`p${id}`), 300 - Math.floor(second * placesATurn), second * 1_000)
    }
    return known(waits.estimate('forest', 39, 100_500)).p50
  })
  const [held = 0, plain = 0, brought = 0] = estimates
  expect(plain / brought).toBeGreaterThan(1.8)
  expect(plain / brought).toBeLessThan(2.1)
  expect(held / plain).toBeGreaterThan(1.8)
  expect(held / plain).toBeLessThan(2.1)
})

it('is unknown for a line without a turn, even when many players left it', () => {
  const waits = new WaitEstimate()
  for (let second = 0; second <= 100; second += 10) for (let id = 0; id < 40; id++) waits.recordPosition(forest(`p${id}`), 900 - 3 * second, second * 1_000)
  expect(waits.estimate('forest', 9, 100_000)).toBe('unknown')
})

it('is unknown during the first 3 s after a line starts to move', () => {
  const waits = new WaitEstimate()
  for (let at = 0; at < 500; at += 5) waits.recordTurn('forest', at)
  expect(waits.estimate('forest', 999, 2_900)).toBe('unknown')
  expect(known(waits.estimate('forest', 999, 3_000)).p50).toBeGreaterThan(20_000)
})

it('counts standstill in the pace, and forgets turns after 5 minutes', () => {
  const waits = new WaitEstimate()
  for (let second = 0; second <= 40; second++) waits.recordTurn('forest', second * 1_000)
  const moving = known(waits.estimate('forest', 19, 40_000)).p50
  const stood = known(waits.estimate('forest', 19, 80_000)).p50
  expect(stood / moving).toBeGreaterThan(1.8)
  expect(stood / moving).toBeLessThan(2.6)
  expect(waits.estimate('forest', 0, 40_000 + 6 * 60_000)).toBe('unknown')
})

it('does not extrapolate a slump of seconds: far positions get the usual pace within a factor', () => {
  const waits = new WaitEstimate()
  for (let at = 0; at < 60_000; at += 10) waits.recordTurn('forest', at)
  // 100 turns per second, then 1 per second for half a minute.
  for (let second = 60; second < 90; second++) waits.recordTurn('forest', second * 1_000)
  expect(known(waits.estimate('forest', 9, 90_000)).p50).toBeGreaterThan(2_000)
  const far = known(waits.estimate('forest', 4_999, 90_000))
  expect(far.p50).toBeLessThan(200_000)
  expect(far.p90).toBeLessThan(10 * far.p50)
})

interface Pattern {
  count: number
  pollMs: number
  /** Seats that become free per second, as a function of the time in s; at random, `burst` at a time. */
  rate: (seconds: number) => number
  burst?: number
}

/** All players poll at intervals. Returns the share of real waits inside the range, over all estimates. */
function coverage(seed: number, { count, pollMs, rate, burst = 1 }: Pattern): number {
  const random = seededRandom(seed)
  const exponential = (): number => -Math.log(1 - random())
  const waits = new WaitEstimate()
  const estimates: { at: number; id: number; p50: number; p90: number }[] = []
  const ended = new Float64Array(count)
  const nextPoll = Float64Array.from({ length: count }, () => random() * pollMs)
  let [head, seats, next] = [0, 0, exponential()]
  for (let now = 0; head < count; now += 250) {
    for (seats += rate(now / 1_000) / 4 / burst; seats >= next && head < count; next += exponential()) {
      for (let seat = 0; seat < burst && head < count; seat++) {
        ended[head] = now
        waits.recordPromotion(forest(`w${head++}`), now)
        waits.recordTurn('forest', now)
      }
    }
    for (let id = head; id < count; id++) {
      if (now < (nextPoll[id] ?? 0)) continue
      nextPoll[id] = now + pollMs
      waits.recordPosition(forest(`w${id}`), id - head, now)
      const range = waits.estimate('forest', id - head, now)
      if (range !== 'unknown') estimates.push({ at: now, id, ...range })
    }
  }
  const inside = estimates.filter(({ at, id, p50, p90 }) => {
    const wait = (ended[id] ?? 0) - at
    return wait >= p50 && wait <= p90
  })
  return inside.length / estimates.length
}

const patterns: [name: string, pattern: Pattern][] = [
  ['one by one', { count: 300, pollMs: 10_000, rate: () => 1 }],
  ['in bursts of four', { count: 300, pollMs: 10_000, rate: () => 1, burst: 4 }],
  ['by the dozen, after half a minute of standstill', { count: 1_500, pollMs: 45_000, rate: (s) => (s < 30 ? 0 : 15) }],
  ['faster and faster', { count: 1_500, pollMs: 45_000, rate: (s) => (s < 30 ? 0 : 8 + (s - 30) * 0.16) }],
  ['slower and slower', { count: 1_500, pollMs: 10_000, rate: (s) => 6 - Math.min(4, s / 90) }],
  ['in a slow wave', { count: 1_500, pollMs: 10_000, rate: (s) => 4 + 2 * Math.sin((s / 1_200) * 2 * Math.PI) }],
  ['with half a minute of standstill in between', { count: 1_500, pollMs: 10_000, rate: (s) => (s > 100 && s < 130 ? 0 : 6) }],
]

it('about two waits in five end inside the range, for seven patterns of seats becoming free', () => {
  const seeds = [1, 2, 3, 4, 5, 6]
  const shares = patterns.map(([name, pattern]) => ({ name, share: seeds.reduce((sum, seed) => sum + coverage(seed, pattern), 0) / seeds.length }))
  // An estimate given before the standstill cannot know about it.
  const least = (name: string): number => (name.includes('standstill in between') ? 0.18 : 0.28)
  for (const { name, share } of shares) {
    expect(share, name).toBeGreaterThan(least(name))
    expect(share, name).toBeLessThan(0.6)
  }
  const mean = shares.reduce((sum, { share }) => sum + share, 0) / shares.length
  expect(mean).toBeGreaterThan(0.35)
  expect(mean).toBeLessThan(0.52)
}, 30_000)
