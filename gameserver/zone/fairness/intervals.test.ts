import { expect, it } from 'vitest'
import { seededRandom } from '../../../model/random.ts'
import { IntervalStatistics } from './intervals.ts'

/** Whether a player with these intervals is found within an hour. `jitterMs`: of the network, on each arrival. */
function isFound(nextMs: (n: number) => number, jitterMs: number, random: () => number): boolean {
  const statistics = new IntervalStatistics()
  let [sent, arrived] = [0, 0]
  for (let n = 0; sent < 3_600_000; n++) {
    sent += nextMs(n)
    arrived = Math.max(arrived, sent + 200 + (random() * 2 - 1) * jitterMs)
    if (statistics.add(arrived) !== undefined) return true
  }
  return false
}

/** Log-normal reaction times, as people have them (Luce, Response Times, 1986). */
const reaction = (random: () => number, medianMs: number, sigma: number): number =>
  medianMs * Math.exp(sigma * Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()))

it.each<[string, (n: number) => number, number]>([
  ['one interval on a wired line', () => 1_000, 5],
  ['two intervals in turn', (n) => (n % 2 === 0 ? 700 : 2_300), 5],
  ['a clock behind a mobile network', () => 2_000, 80],
])('F5: acts with %s are found', (_, nextMs, jitterMs) => {
  expect(isFound(nextMs, jitterMs, seededRandom(1))).toBe(true)
})

it('F5: people who react to a cool-down, who type, or who tap in rhythm are not found', () => {
  for (let seed = 1; seed <= 30; seed++) {
    const random = seededRandom(seed)
    expect(isFound(() => 1_500 + reaction(random, 250, 0.35), 80, random)).toBe(false)
    expect(isFound(() => reaction(random, 400, 0.8), 80, random)).toBe(false)
    expect(isFound(() => reaction(random, 2_000, 0.5) + (random() < 0.03 ? 30_000 : 0), 20, random)).toBe(false)
    expect(isFound(() => 2_000 + 60 * (random() + random() + random() - 1.5) * 2, 10, random)).toBe(false)
  }
})
