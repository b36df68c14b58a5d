import type { Random } from '../../model/random.ts'
import type { People, Step } from './course.ts'
import { isLayered, SAMPLE_SECONDS, type Trace } from './trace.ts'

/**
 * Turns samples into moments. A character who appears at sample t logged in at a moment drawn uniformly from the interval before t; one last seen at t logged
 * out in the interval after t; a change of zone is one moment in the interval between. Party members who make the same change between the same samples make it
 * at the same moment, because they travel together.
 */
export function drawSteps({ avatars, zones }: Trace, { party }: People, random: Random): Step[] {
  const layered = (zone: number): number | undefined => (isLayered(zones.get(zone)) ? zone : undefined)
  const shared = new Map<string, number>()
  const steps: Step[] = []
  for (const [avatar, { stays }] of avatars.entries()) {
    const momentBefore = (sample: number, change: string): number => {
      const drawn = (sample - 1 + random()) * SAMPLE_SECONDS
      const ofParty = party[avatar] ?? -1
      if (ofParty < 0) return drawn
      const key = `${ofParty} ${sample} ${change}`
      const at = shared.get(key) ?? drawn
      shared.set(key, at)
      return at
    }
    for (const [index, stay] of stays.entries()) {
      const [before, after] = [stays[index - 1], stays[index + 1]]
      const to = layered(stay.zone)
      const travelled = before !== undefined && before.last + 1 === stay.first
      const from = travelled ? layered(before.zone) : undefined
      if (from !== undefined || to !== undefined) {
        const at = travelled ? momentBefore(stay.first, `${before.zone} ${stay.zone}`) : (stay.first - 1 + random()) * SAMPLE_SECONDS
        steps.push({ at, avatar, from, to, login: !travelled, logout: false })
      }
      const continues = after !== undefined && stay.last + 1 === after.first
      if (!continues && to !== undefined)
        steps.push({ at: (stay.last + random()) * SAMPLE_SECONDS, avatar, from: to, to: undefined, login: false, logout: true })
    }
  }
  return steps.sort((a, b) => a.at - b.at || a.avatar - b.avatar)
}
