import { expect, it } from 'vitest'
import { countVisits, rarelyVisited, type Visits } from './visits.ts'

const HOUR = 3_600_000
const MINUTE = 60_000

/** What is known at the end of these hours in which somebody came for five minutes at each of the given times (hours). */
function after(hours: number, visits: readonly number[], copies = 0): { visits: Visits; now: number } {
  let known = countVisits(undefined, 0, copies, 0)
  for (const at of visits) {
    known = countVisits(known, 1, 1, at * HOUR)
    known = countVisits(known, 0, 1, at * HOUR + 5 * MINUTE)
  }
  return { visits: known, now: hours * HOUR }
}

const rare = (...known: Parameters<typeof after>): boolean => {
  const { visits, now } = after(...known)
  return rarelyVisited(visits, now)
}

it('a map is rarely visited until a few have come, and again when they are long ago', () => {
  expect(rare(1, [])).toBe(true)
  expect(rare(4, [1, 3])).toBe(true)
  expect(rare(6, [1, 2, 3, 4, 5])).toBe(false)
  expect(rare(30, [1, 2, 3, 4, 5])).toBe(true)
})

it('whoever has just left may come back', () => {
  expect(rare(1 + 10 / 60, [1])).toBe(false)
  expect(rare(1.5, [1])).toBe(true)
})

it('several at once are several visits; those who stay or leave are none', () => {
  const crowd = countVisits(countVisits(undefined, 0, 0, 0), 6, 1, 0)
  expect(rarelyVisited(countVisits(crowd, 0, 1, HOUR), 2 * HOUR)).toBe(false)
  expect(countVisits(crowd, 6, 1, HOUR)).toBe(crowd)
  expect(countVisits(crowd, 2, 1, HOUR).count).toBeLessThan(6)
})

it('a leader that has just begun takes a map with copies for one that is visited', () => {
  expect(rare(1, [], 1)).toBe(false)
  expect(rare(20, [], 1)).toBe(true)
})
