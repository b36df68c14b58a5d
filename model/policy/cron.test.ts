import { expect, it } from 'vitest'
import { nextStart, parseCron } from './cron.ts'

const at = (text: string): number => Date.parse(`${text}Z`)

/** The first `count` starts from this instant on, in UTC. */
function starts(schedule: string, from: string, { count = 1, timeZone = 'UTC' } = {}): string[] {
  const cron = parseCron(schedule, timeZone)
  if (cron === undefined) throw new Error(`${schedule} is not a schedule`)
  const found: string[] = []
  for (let next = nextStart(cron, at(from)); next !== undefined && found.length < count; next = nextStart(cron, next + 60_000))
    found.push(new Date(next).toISOString().slice(0, 16))
  return found
}

it('reads numbers, ranges, lists and steps; the present minute counts as a start', () => {
  expect(starts('0 */3 * * *', '2026-11-21T21:00:30')).toEqual(['2026-11-21T21:00'])
  expect(starts('0 */3 * * *', '2026-11-21T21:01:00')).toEqual(['2026-11-22T00:00'])
  expect(starts('*/15 18-23 * * 6,7', '2026-11-21T18:45:00')).toEqual(['2026-11-21T18:45'])
  expect(starts('*/15 18-23 * * 6,7', '2026-11-23T18:45:00')).toEqual(['2026-11-28T18:00'])
})

it('reads names of months and weekdays in any case', () => {
  expect(starts('0 18 * * FRI', '2026-11-21T00:00:00', { count: 2 })).toEqual(['2026-11-27T18:00', '2026-12-04T18:00'])
  expect(starts('0 18 1 jan,Jul *', '2026-11-21T00:00:00', { count: 2 })).toEqual(['2027-01-01T18:00', '2027-07-01T18:00'])
  expect(starts('0 18 * * mon-fri', '2026-11-21T00:00:00')).toEqual(['2026-11-23T18:00'])
})

it('matches either the day or the weekday when both are restricted', () => {
  expect(starts('0 12 1 * 1', '2026-11-28T00:00:00', { count: 3 })).toEqual(['2026-11-30T12:00', '2026-12-01T12:00', '2026-12-07T12:00'])
})

it('keeps the local hour over a change of clocks in both directions', () => {
  const berlin = { count: 2, timeZone: 'Europe/Berlin' }
  expect(starts('0 18 * * *', '2026-03-28T12:00:00', berlin)).toEqual(['2026-03-28T17:00', '2026-03-29T16:00'])
  expect(starts('0 18 * * *', '2026-10-24T12:00:00', berlin)).toEqual(['2026-10-24T16:00', '2026-10-25T17:00'])
})

it('starts once on the day when the time does not exist, and once when it exists twice', () => {
  const berlin = { count: 2, timeZone: 'Europe/Berlin' }
  expect(starts('30 2 * * *', '2026-03-28T12:00:00', berlin)).toEqual(['2026-03-29T01:00', '2026-03-30T00:30'])
  expect(starts('30 2 * * *', '2026-10-24T12:00:00', berlin)).toEqual(['2026-10-25T00:30', '2026-10-26T01:30'])
})

it('X1: returns undefined for text that is not a five-field schedule', () => {
  const wrong = [
    '',
    '* * * *',
    '60 * * * *',
    '5-1 * * * *',
    'a * * * *',
    '*/0 * * * *',
    '* * * 13 *',
    '@daily',
    '0 0 12 * * *',
    '0 24 * * *',
    '0 12 0 * *',
    '0 12 * * 8',
  ]
  for (const text of [...wrong, 'MON * * * *', '0 12 L * *', '0 12 ? * 1', '0 12 * * FRI#2', '0 12 15W * *']) expect(parseCron(text), text).toBe(undefined)
  expect(parseCron('0 12 * * *', 'Europe/Atlantis')).toBe(undefined)
})

it('a schedule on a date that never comes has no start', () => {
  expect(starts('0 12 30 2 *', '2026-11-21T00:00:00')).toEqual([])
})
