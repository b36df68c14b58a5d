import type { Instant } from '../clock.ts'

/** A cron schedule of five fields (UTC): minute hour day month weekday, each `*`, a number, `a-b`, a list, or any of these with `/step`. */
export interface Cron {
  minutes: ReadonlySet<number>
  hours: ReadonlySet<number>
  days: ReadonlySet<number>
  months: ReadonlySet<number>
  weekdays: ReadonlySet<number>
  /** As in cron: when both day and weekday are given, either will do. */
  either: boolean
}

const ranges = [
  [0, 59],
  [0, 23],
  [1, 31],
  [1, 12],
  [0, 7],
] as const

/** `undefined` when it is not such a schedule. */
export function parseCron(text: string): Cron | undefined {
  const fields = text.trim().split(/\s+/)
  if (fields.length !== ranges.length) return undefined
  const sets = ranges.map(([low, high], index) => parseField(fields[index] ?? '', low, high))
  const [minutes, hours, days, months, weekdays] = sets
  if (minutes === undefined || hours === undefined || days === undefined || months === undefined || weekdays === undefined) return undefined
  if (weekdays.has(7)) weekdays.add(0)
  return { minutes, hours, days, months, weekdays, either: fields[2]?.startsWith('*') === false && fields[4]?.startsWith('*') === false }
}

/** Does the minute that this instant lies in match? */
export function matchesCron(cron: Cron, at: Instant): boolean {
  const date = new Date(at)
  if (!cron.minutes.has(date.getUTCMinutes()) || !cron.hours.has(date.getUTCHours()) || !cron.months.has(date.getUTCMonth() + 1)) return false
  const [day, weekday] = [cron.days.has(date.getUTCDate()), cron.weekdays.has(date.getUTCDay())]
  return cron.either ? day || weekday : day && weekday
}

function parseField(field: string, low: number, high: number): Set<number> | undefined {
  const values = new Set<number>()
  for (const part of field.split(',')) {
    const [, from, to, step] = /^(?:\*|(\d+)(?:-(\d+))?)(?:\/(\d+))?$/.exec(part) ?? [undefined, 'x']
    if (from === 'x') return undefined
    const first = from === undefined ? low : Number(from)
    const last = to !== undefined ? Number(to) : from === undefined || step !== undefined ? high : first
    const by = step === undefined ? 1 : Number(step)
    if (first < low || last > high || first > last || by < 1) return undefined
    for (let value = first; value <= last; value += by) values.add(value)
  }
  return values
}
