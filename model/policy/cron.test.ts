import { expect, it } from 'vitest'
import { matchesCron, parseCron } from './cron.ts'

const at = (text: string): number => Date.parse(`${text}Z`)
const matches = (schedule: string, text: string): boolean => {
  const cron = parseCron(schedule)
  if (cron === undefined) throw new Error(`${schedule} is not a schedule`)
  return matchesCron(cron, at(text))
}

it('matches numbers, ranges, lists and steps in UTC', () => {
  expect(matches('0 */3 * * *', '2026-11-21T21:00:30')).toBe(true)
  expect(matches('0 */3 * * *', '2026-11-21T20:00:00')).toBe(false)
  expect(matches('*/15 18-23 * * 6,7', '2026-11-21T18:45:00')).toBe(true)
  expect(matches('*/15 18-23 * * 6,7', '2026-11-22T18:45:00')).toBe(true)
  expect(matches('*/15 18-23 * * 6,7', '2026-11-23T18:45:00')).toBe(false)
})

it('matches either the day or the weekday when both are restricted', () => {
  expect(matches('0 12 1 * 1', '2026-12-01T12:00:00')).toBe(true)
  expect(matches('0 12 1 * 1', '2026-11-23T12:00:00')).toBe(true)
  expect(matches('0 12 1 * 1', '2026-11-24T12:00:00')).toBe(false)
})

it('X1: returns undefined for text that is not a five-field schedule', () => {
  for (const text of ['', '* * * *', '60 * * * *', '5-1 * * * *', 'a * * * *', '*/0 * * * *', '* * * 13 *', '@daily', '0 12 * * MON', '0 0 12 * * *'])
    expect(parseCron(text)).toBe(undefined)
})
