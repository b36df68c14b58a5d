import { expect, it } from 'vitest'
import { seededRandom } from '../../../model/random.ts'
import { type CrowdOptions, crowdSchedules } from './crowd.ts'
import type { Schedule } from './schedule.ts'

const schedules = (more: Partial<CrowdOptions>): Schedule[] =>
  crowdSchedules({ bots: 120, maps: ['forest', 'hills'], crowded: 'forest', dungeon: 'barrow', seconds: 100, random: seededRandom(1), ...more })
const goers = (all: readonly Schedule[]): Schedule[] => all.filter(({ visits }) => visits.some(({ stops }) => stops.some(({ map }) => map === 'barrow')))

it('some parties go to the dungeon together, and home again before they log out; nobody goes alone', () => {
  const all = schedules({})
  const going = goers(all)
  const parties = new Set(going.map(({ party }) => party))
  expect(parties.has(undefined)).toBe(false)
  expect(parties.size).toBeGreaterThan(3)
  expect(parties.size).toBeLessThan(new Set(all.flatMap(({ party }) => party ?? [])).size / 2)
  for (const { visits, party } of going) {
    for (const { stops, until } of visits) {
      const [home, there, back, ...more] = stops
      expect([there?.map, back?.map, more]).toEqual(['barrow', home?.map, []])
      expect(back?.at).toBeLessThan(until)
    }
    for (const mate of all.filter((one) => one.party === party)) expect(mate.visits).toEqual(visits)
  }
})

it('nobody goes where there is no dungeon, nor in a steady run', () => {
  expect(goers(schedules({ dungeon: undefined }))).toEqual([])
  expect(goers(schedules({ steady: true }))).toEqual([])
})
