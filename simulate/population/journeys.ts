import type { Random } from '../../model/random.ts'
import type { People } from './people.ts'
import { isLayered, SAMPLE_SECONDS, type Trace } from './trace.ts'

/** Somebody comes, goes, or changes zone, at a drawn moment. */
export interface Step {
  /** Seconds since the first sample. */
  at: number
  avatar: number
  /** Zone with copies that they leave or enter; undefined: none, or one without copies. */
  from: number | undefined
  to: number | undefined
  /** First or last of a session: login and logout, else travel. */
  login: boolean
  logout: boolean
}

/**
 * The samples as moments: whoever appears at sample t came at a moment drawn evenly from the interval before it, whoever is
 * seen last at t left in the interval after it, and a change of zone is one moment. A party that makes the same change
 * between the same samples makes it at one moment: it travels together.
 */
export function drawSteps({ avatars, zones }: Trace, { party }: People, random: Random): Step[] {
  const layered = (zone: number): number | undefined => (isLayered(zones.get(zone)) ? zone : undefined)
  const shared = new Map<string, number>()
  const steps: Step[] = []
  for (const [avatar, { stays }] of avatars.entries()) {
    const momentBefore = (sample: number, change: string): number => {
      const drawn = (sample - 1 + random()) * SAMPLE_SECONDS
      const company = party[avatar] ?? -1
      if (company < 0) return drawn
      const key = `${company} ${sample} ${change}`
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
      const goesOn = after !== undefined && stay.last + 1 === after.first
      if (!goesOn && to !== undefined) steps.push({ at: (stay.last + random()) * SAMPLE_SECONDS, avatar, from: to, to: undefined, login: false, logout: true })
    }
  }
  return steps.sort((a, b) => a.at - b.at || a.avatar - b.avatar)
}
