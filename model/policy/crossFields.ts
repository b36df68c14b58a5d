import { isTimeZone, nextStart, parseCron } from './cron.ts'
import { fleetsOf, type MapPolicy } from './policy.ts'

/** Schedules are checked for a start from this instant on, so that the check needs no clock: a leap year follows within four years. */
const CHECKED_FROM = Date.UTC(2025, 0, 1)
const percent = (value: number): string => `${Math.round(value * 1000) / 10}%`

/**
 * Checks that involve more than one field. The CRD has the same rules in CEL (k8s/crd/crossRules.ts), except those of schedules and time zones: CEL knows
 * no calendar, so in a cluster the status of the policy reports them.
 */
export function crossFieldProblems(policy: MapPolicy): { path: (string | number)[]; problem: string }[] {
  const { capacity, copies, merge, events, placement, timeZone } = policy
  const problems: ReturnType<typeof crossFieldProblems> = []
  const add = (path: string, problem: string): number =>
    problems.push({ path: ['spec', ...path.split('.').map((part) => (/^\d+$/.test(part) ? Number(part) : part))], problem })
  if (capacity.soft > capacity.hard) add('capacity.soft', `must not be above capacity.hard (${capacity.hard}): write ${capacity.hard} or less`)
  if (copies.min > copies.max) add('copies.min', `must not be above copies.max (${copies.max}): write ${copies.max} or less`)
  if (merge.below >= merge.into) add('merge.below', `must be less than merge.into (${percent(merge.into)}), or merged copies would be merged again`)
  if (merge.cancelAbove <= merge.below)
    add('merge.cancelAbove', `must be above merge.below (${percent(merge.below)}), or a closing copy would open again at once`)
  fleetsOf(policy).forEach((fleet, index, all) => {
    if (all.indexOf(fleet) !== index) add(`fallbackFleets.${index - 1}.fleet`, `"${fleet}" is named before: remove one`)
  })
  placement.attributes.forEach(({ name, prefer, missing }, index) => {
    if (placement.attributes.findIndex((other) => other.name === name) !== index)
      add(`placement.attributes.${index}.name`, `"${name}" is listed twice: remove one`)
    if (Number.isNaN(missing)) add(`placement.attributes.${index}.missing`, `must be a number in quotes, such as "1", for prefer: ${prefer}`)
  })
  if (!isTimeZone(timeZone)) add('timeZone', `"${timeZone}" is no time zone: write one such as "Europe/Berlin" or "UTC"`)
  events.forEach((event, index) => {
    if (events.findIndex(({ name }) => name === event.name) !== index) add(`events.${index}.name`, `"${event.name}" is listed twice: rename one`)
    // A wrong zone of the map is reported once, where it stands.
    if (!isTimeZone(event.timeZone)) {
      if (event.timeZone !== timeZone) add(`events.${index}.timeZone`, `"${event.timeZone}" is no time zone: write one such as "Europe/Berlin" or "UTC"`)
      return
    }
    const cron = parseCron(event.schedule, event.timeZone)
    if (cron === undefined) add(`events.${index}.schedule`, `"${event.schedule}" is no schedule: a range such as 5-1 must rise`)
    else if (nextStart(cron, CHECKED_FROM) === undefined) add(`events.${index}.schedule`, `"${event.schedule}" never comes: no year has such a date`)
  })
  return problems
}
