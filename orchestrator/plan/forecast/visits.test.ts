import { expect, it } from 'vitest'
import { countVisits, rarelyVisited, type Visits } from './visits.ts'

const HOUR = 3_600_000
const MINUTE = 60_000

/** The visits after `hours`, when one player came for five minutes at each of these times (in hours). */
function after(hours: number, visits: readonly number[], copies = 0): { visits: Visits; now: number } {
  let known = countVisits(undefined, { players: 0, copies, now: 0 })
  for (const at of visits) {
    known = countVisits(known, { players: 1, copies: 1, now: at * HOUR })
    known = countVisits(known, { players: 0, copies: 1, now: at * HOUR + 5 * MINUTE })
  }
  return { visits: known, now: hours * HOUR }
}

const rare = (...known: Parameters<typeof after>): boolean => {
  const { visits, now } = after(...known)
  return rarelyVisited(visits, now)
}

it('a map is rarely visited until several players have come, and again a day later', () => {
  expect(rare(1, [])).toBe(true)
  expect(rare(4, [1, 3])).toBe(true)
  expect(rare(6, [1, 2, 3, 4, 5])).toBe(false)
  expect(rare(30, [1, 2, 3, 4, 5])).toBe(true)
})

it('a map is not rarely visited in the minutes after a player has left', () => {
  expect(rare(1 + 10 / 60, [1])).toBe(false)
  expect(rare(1.5, [1])).toBe(true)
})

it('several players at once are several visits; staying and leaving are none', () => {
  const crowd = countVisits(countVisits(undefined, { players: 0, copies: 0, now: 0 }), { players: 6, copies: 1, now: 0 })
  expect(rarelyVisited(countVisits(crowd, { players: 0, copies: 1, now: HOUR }), 2 * HOUR)).toBe(false)
  expect(countVisits(crowd, { players: 6, copies: 1, now: HOUR })).toBe(crowd)
  expect(countVisits(crowd, { players: 2, copies: 1, now: HOUR }).count).toBeLessThan(6)
})

it('a new leader assumes that a map with copies is visited', () => {
  expect(rare(1, [], 1)).toBe(false)
  expect(rare(20, [], 1)).toBe(true)
})
