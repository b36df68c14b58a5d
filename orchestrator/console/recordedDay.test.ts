import { expect, it } from 'vitest'
import { recordedDay } from './recordedDay.ts'

const HOUR = 3_600_000
const NOW = 1_000 * HOUR
const span = (fromHours: number, untilHours: number, window = 1) => ({ from: NOW - fromHours * HOUR, until: NOW - untilHours * HOUR, window, players: 1 })
const time = (fromHours: number, untilHours: number, hours: number) => ({
  from: NOW - fromHours * HOUR,
  until: NOW - untilHours * HOUR,
  recordedMs: hours * HOUR,
})

it('a trial runs on what was recorded of the last 24 hours, with its gaps', () => {
  expect(recordedDay([span(40, 20), span(19, 0)], NOW)).toEqual(time(24, 0, 23))
  expect(recordedDay([span(0.2, 0)], NOW)).toEqual(time(0.2, 0, 0.2))
  expect(recordedDay([], NOW)).toBe(undefined)
  expect(recordedDay([span(50, 30)], NOW)).toBe(undefined)
})

it('a trial runs on one set of pseudonyms: the one with more recorded time', () => {
  expect(recordedDay([span(30, 10), span(10, 0, 2)], NOW)).toEqual(time(24, 10, 14))
  expect(recordedDay([span(30, 14), span(14, 7, 2), span(6, 0, 2)], NOW)).toEqual(time(14, 0, 13))
})
