import type { MapPolicy } from './policy.ts'

const percent = (value: number): string => `${Math.round(value * 1000) / 10}%`

/** Checks that involve more than one field. The CRD has the same rules in CEL (k8s/crd/crossRules.ts). */
export function crossFieldProblems({ capacity, copies, merge, events, placement }: MapPolicy): { path: string[]; problem: string }[] {
  const problems: { path: string[]; problem: string }[] = []
  const add = (path: string, problem: string): number => problems.push({ path: ['spec', ...path.split('.')], problem })
  if (capacity.soft > capacity.hard) add('capacity.soft', `must not be above capacity.hard (${capacity.hard}): write ${capacity.hard} or less`)
  if (copies.min > copies.max) add('copies.min', `must not be above copies.max (${copies.max}): write ${copies.max} or less`)
  if (merge.below >= merge.into) add('merge.below', `must be less than merge.into (${percent(merge.into)}), or merged copies would be merged again`)
  if (merge.cancelAbove <= merge.below)
    add('merge.cancelAbove', `must be above merge.below (${percent(merge.below)}), or a closing copy would open again at once`)
  placement.attributes.forEach(({ name, prefer, missing }, index) => {
    if (placement.attributes.findIndex((other) => other.name === name) !== index)
      add(`placement.attributes.${index}.name`, `"${name}" is listed twice: remove one`)
    if (Number.isNaN(missing)) add(`placement.attributes.${index}.missing`, `must be a number in quotes, such as "1", for prefer: ${prefer}`)
  })
  events.forEach((event, index) => {
    if (event.schedule.trim().split(/\s+/).length !== 5)
      add(`events.${index}.schedule`, 'write five cron fields: minute hour day month weekday, such as "0 */3 * * *"')
  })
  return problems
}
