import { expect, it } from 'vitest'
import { type Random, seededRandom } from '../../../model/random.ts'
import { WaitEstimate } from './waitEstimate.ts'

const STEP_MS = 100
const [PLAYERS, SEATS, MATCHMAKERS] = [16_000, 2_000, 3]
const [STAY_MS, POLL_MS] = [15_000, 45_000]
const ARRIVING_PER_STEP = 80
const GIVE_UP = 0.03

/** How long a freed seat stays empty, in ms, at a given time; it models the speed of the machine. */
type Lag = (now: number, random: Random) => number

const storms: [name: string, lag: Lag][] = [
  ['on a fast machine', () => 0],
  ['on a machine of varying speed', (now) => 1_500 * (1 + Math.sin(now / 9_000))],
  // As in the bench: all players arrive within seconds, so that their polls come together.
  ['on a machine that each wave of polls slows down', (now, random) => (now % POLL_MS < 20_000 ? 1_500 : 300) * random() * 2],
]

/**
 * The storm of `bench queue` in virtual time: all players arrive at once, players inside start to leave when all have arrived, some give up waiting,
 * one matchmaker is killed during the arrivals and one when half of the players are in. Returns the share of real waits inside the range, over all
 * estimates.
 */
function coverage(seed: number, lag: Lag): number {
  const random = seededRandom(seed)
  const matchmakers = Array.from({ length: MATCHMAKERS }, () => new WaitEstimate())
  const one = (): number => Math.floor(random() * MATCHMAKERS)
  const waiting: { id: number; askAt: number; asked: number; patience: number; left: boolean }[] = []
  const estimates: { at: number; id: number; p50: number; p90: number }[] = []
  const ended = new Map<number, number>()
  let [head, free, kills, next, stoppedUntil] = [0, 0, 0, 0, 0]
  const kill = (now: number): void => {
    const victim = kills++
    matchmakers[victim] = new WaitEstimate()
    stoppedUntil = now + random() * 1_500
    for (const place of waiting) if (place.asked === victim) [place.asked, place.askAt] = [one(), now + POLL_MS]
  }
  for (let now = 0; head < waiting.length || next < PLAYERS - SEATS; now += STEP_MS) {
    for (let n = 0; n < ARRIVING_PER_STEP && next < PLAYERS - SEATS; n++) {
      const patience = random() < GIVE_UP ? (now + random() * STAY_MS * PLAYERS) / SEATS : Number.POSITIVE_INFINITY
      waiting.push({ id: next++, askAt: now + POLL_MS + random() * 2_000, asked: one(), patience, left: false })
    }
    if (kills === 0 && next > PLAYERS / 2) kill(now)
    if (kills === 1 && head > (PLAYERS - SEATS) / 2) kill(now)
    const [inside, leaving] = [SEATS - free, STEP_MS / (STAY_MS + lag(now, random))]
    if (next === PLAYERS - SEATS) for (let n = 0; n < inside; n++) if (random() < leaving) free++
    for (; free > 0 && head < waiting.length && now >= stoppedUntil; head++) {
      const place = waiting[head]
      if (place === undefined || place.left) continue
      free--
      ended.set(place.id, now)
      matchmakers[one()]?.recordPromotion({ map: 'storm', id: String(place.id) }, now)
      for (const matchmaker of matchmakers) matchmaker.recordTurn('storm', now)
    }
    const seen = now + STEP_MS - 1
    let position = 0
    for (let n = head; n < waiting.length; n++) {
      const place = waiting[n]
      if (place === undefined || place.left) continue
      if (place.askAt <= now) {
        if (place.patience < now) place.left = true
        const matchmaker = matchmakers[place.asked]
        matchmaker?.recordPosition({ map: 'storm', id: String(place.id) }, position, seen)
        const range = matchmaker?.estimate('storm', position, seen) ?? 'unknown'
        if (range !== 'unknown') estimates.push({ at: seen, id: place.id, ...range })
        ;[place.asked, place.askAt] = [one(), now + POLL_MS]
      }
      position++
    }
  }
  const judged = estimates.filter(({ id }) => ended.has(id))
  const inside = judged.filter(({ at, id, p50, p90 }) => {
    const wait = (ended.get(id) ?? 0) - at
    return wait >= p50 && wait <= p90
  })
  return inside.length / judged.length
}

it('in a storm, about two waits in five end inside the range, on fast, varying and loaded machines', () => {
  const seeds = [1, 2, 3, 4, 5, 6]
  const shares = storms.flatMap(([name, lag]) => seeds.map((seed) => ({ name, seed, share: coverage(seed, lag) })))
  if (process.env['SHOW']) console.log(shares.map(({ name, share }) => `${name} ${share.toFixed(2)}`).join('\n'))
  const mean = shares.reduce((sum, { share }) => sum + share, 0) / shares.length
  expect(mean).toBeGreaterThan(0.33)
  expect(mean).toBeLessThan(0.5)
  expect(shares.filter(({ share }) => share >= 0.25 && share <= 0.55).length / shares.length).toBeGreaterThan(0.85)
}, 60_000)
