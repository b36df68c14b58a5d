import { Cron } from 'croner'
import type { Instant } from '../clock.ts'

export type { Cron }

const MINUTE_MS = 60_000
const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC']
const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT']

/** Names in any case, without a flag that JSON Schema and CEL do not have. */
const named = (names: readonly string[]): string => names.map((name) => name.replaceAll(/[A-Z]/g, (letter) => `[${letter}${letter.toLowerCase()}]`)).join('|')

/** A field: a list of `*`, values and ranges, each with an optional step. */
function field(value: string): string {
  const item = `(\\*|(${value})(-(${value}))?)(/[1-9]\\d?)?`
  return `${item}(,${item})*`
}

/**
 * Five fields: minute, hour, day of month, month, weekday. The names of months and weekdays are allowed. croner also reads seconds, years, nicknames
 * (`@daily`) and the signs `L W # ?`; a policy does not allow them. The schema and the CRD use the same pattern.
 */
export const SCHEDULE_PATTERN = `^\\s*${['[0-5]?\\d', '[01]?\\d|2[0-3]', '0?[1-9]|[12]\\d|3[01]', `0?[1-9]|1[0-2]|${named(MONTHS)}`, `[0-7]|${named(WEEKDAYS)}`].map(field).join('\\s+')}\\s*$`
const SCHEDULE = new RegExp(SCHEDULE_PATTERN)

/**
 * A schedule: minute, hour, day of month, month, weekday (0 and 7 are Sunday). When both day and weekday are restricted, a date has to match only one of
 * them, as in cron. A field that starts with `*` counts as unrestricted. Returns undefined when `text` is not such a schedule, or the zone is unknown.
 *
 * When clocks are put forward, a time that does not exist on that day starts at the end of the gap; when they are put back, a time that exists twice
 * starts once.
 */
export function parseCron(text: string, timeZone = 'UTC'): Cron | undefined {
  const schedule = text.trim()
  if (!SCHEDULE.test(schedule) || !isTimeZone(timeZone)) return undefined
  const [, , day, , weekday] = schedule.split(/\s+/)
  const domAndDow = day?.startsWith('*') === true || weekday?.startsWith('*') === true
  try {
    return new Cron(schedule, { mode: '5-part', timezone: timeZone, paused: true, sloppyRanges: true, domAndDow })
  } catch {
    return undefined
  }
}

/** First start in the minute that contains `at`, or later. Undefined: the schedule has no start any more, such as one on 30 February. */
export function nextStart(cron: Cron, at: Instant): Instant | undefined {
  return cron.nextRun(new Date(Math.floor(at / MINUTE_MS) * MINUTE_MS - 1_000))?.getTime()
}

/** Whether this is a time zone of the IANA database, such as `Europe/Berlin`. */
export function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).format(0) !== ''
  } catch {
    return false
  }
}
