import type { MapPolicy } from './policy.ts'

const share = (value: number): string => `${Math.round(value * 1000) / 10}%`

/** What crosses fields; the CRD says the same in CEL (k8s/crd/mapPolicyCrd.ts). */
export function crossFieldProblems({ capacity, copies, merge, events, placement }: MapPolicy): { path: string[]; problem: string }[] {
  const problems: { path: string[]; problem: string }[] = []
  const add = (path: string, problem: string): number => problems.push({ path: ['spec', ...path.split('.')], problem })
  if (capacity.soft > capacity.hard) add('capacity.soft', `must not be above capacity.hard (${capacity.hard}): write ${capacity.hard} or less`)
  if (copies.min > copies.max) add('copies.min', `must not be above copies.max (${copies.max})`)
  if (merge.below >= merge.into) add('merge.below', `must be less than merge.into (${share(merge.into)}), or merged copies would be merged again`)
  if (merge.cancelAbove <= merge.below)
    add('merge.cancelAbove', `must be above merge.below (${share(merge.below)}), or a closing copy would open again at once`)
  placement.attributes.forEach(({ name, prefer, missing }, index) => {
    if (placement.attributes.findIndex((other) => other.name === name) !== index) add(`placement.attributes.${index}.name`, `"${name}" is there twice`)
    if (Number.isNaN(missing)) add(`placement.attributes.${index}.missing`, `must be a number in quotes, such as "1", for prefer: ${prefer}`)
  })
  events.forEach((event, index) => {
    if (event.schedule.trim().split(/\s+/).length !== 5)
      add(`events.${index}.schedule`, 'write five cron fields: minute hour day month weekday, such as "0 */3 * * *"')
  })
  return problems
}
