/** What makes a day special. */
export interface Shape {
  /** One line for the help. */
  summary: string
  /** Share of the peak that is online at a share of the day (noon to noon). */
  online: (day: number) => number
  /** Of those who come, how many are new and go to the first zones. */
  newcomers: number
  /** Of those online, how many a sample loses at once. */
  cut?: (sample: number) => number
  /** Where a crowd goes in this sample, and which share of everybody elsewhere joins it. */
  event?: (sample: number) => { zone: number; share: number } | undefined
}

/** Quietest at 07:00, fullest at 23:00; least to most 1 : 5 (measured: 6–13 to the first percentile, notes/megaservers.md §4.2). */
function usual(day: number): number {
  const hour = (day * 24 + 12) % 24
  return 0.6 + 0.4 * Math.cos(((hour - 22) / 24) * 2 * Math.PI) ** 3
}

/** Samples at the fullest time: 20:00 is eight hours after noon. */
const EVENING = 48

export const dayKinds = {
  ordinary: { summary: 'as most days are', online: usual, newcomers: 0.02 },
  storm: {
    summary: 'everybody is thrown out at 20:00 and comes back within twenty minutes',
    online: (day: number) => (Math.abs(day * 144 - EVENING) < 0.5 ? 0.03 : usual(day)),
    newcomers: 0.02,
    cut: (sample: number) => (sample === EVENING ? 0.97 : 0),
  },
  event: {
    summary: 'every three hours a crowd of an eighth of all players gathers in one zone for half an hour',
    online: usual,
    newcomers: 0.02,
    event: (sample: number) => (sample % 18 < 3 && sample > 6 ? { zone: 6, share: sample % 18 === 0 ? 0.12 : 0.02 } : undefined),
  },
  patch: {
    summary: 'an expansion: half as many more, half of them in five new zones',
    online: (day: number) => 1.5 * usual(day),
    newcomers: 0.5,
    event: (sample: number) => ({ zone: sample % 5, share: 0.06 }),
  },
  slow: { summary: 'a quiet night after a quiet day', online: (day: number) => 0.3 * usual(day), newcomers: 0.02 },
} as const satisfies Record<string, Shape>

export type DayKind = keyof typeof dayKinds
export const kindNames = Object.keys(dayKinds) as DayKind[] // its own keys
