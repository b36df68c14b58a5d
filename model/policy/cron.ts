import { Cron } from 'croner'
import type { Instant } from '../clock.ts'

export type { Cron }

/** Five fields of digits and `* , - /`. croner also reads names, seconds, years and nicknames (`@daily`), which a policy does not allow. */
const FIVE_FIELDS = /^[\d*,/-]+(\s+[\d*,/-]+){4}$/
const MINUTE_MS = 60_000

/**
 * A schedule in UTC: minute, hour, day of month, month, weekday (0 and 7 are Sunday). When both day and weekday are restricted, a date has to match
 * only one of them, as in cron. A field that starts with `*` counts as unrestricted. Returns undefined when `text` is not such a schedule.
 */
export function parseCron(text: string): Cron | undefined {
  const schedule = text.trim()
  if (!FIVE_FIELDS.test(schedule)) return undefined
  const [, , day, , weekday] = schedule.split(/\s+/)
  const domAndDow = day?.startsWith('*') === true || weekday?.startsWith('*') === true
  try {
    return new Cron(schedule, { mode: '5-part', utcOffset: 0, paused: true, sloppyRanges: true, domAndDow })
  } catch {
    return undefined
  }
}

/** Whether the schedule fires in the minute that contains `at`. */
export function matchesCron(cron: Cron, at: Instant): boolean {
  return cron.match(new Date(Math.floor(at / MINUTE_MS) * MINUTE_MS))
}
