/** The shape of a generated day: how many players are online, and what differs from an ordinary day. */
export interface Shape {
  /** One line for `--help`. */
  summary: string
  /** Players online as a share of the peak, by time as a share of the day (noon to noon). */
  online: (day: number) => number
  /** Share of new players among the players that log in. They start in the first zones. */
  newcomers: number
  /** Share of the online players that is disconnected at once in this sample. */
  cut?: (sample: number) => number
  /** The zone that draws a crowd in this sample, and the share of the players elsewhere that joins it. */
  event?: (sample: number) => { zone: number; share: number } | undefined
}

/** The daily curve: minimum at 07:00, maximum at 23:00, ratio 1 : 5 (measured ratios of peak to first percentile: 6–13). */
function ordinaryCurve(day: number): number {
  const hour = (day * 24 + 12) % 24
  return 0.6 + 0.4 * Math.cos(((hour - 22) / 24) * 2 * Math.PI) ** 3
}

/** The sample at 20:00, eight hours after noon. */
const EVENING = 48

export const dayKinds = {
  ordinary: { summary: 'an ordinary day', online: ordinaryCurve, newcomers: 0.02 },
  storm: {
    summary: 'everybody is disconnected at 20:00 and comes back within twenty minutes',
    online: (day: number) => (Math.abs(day * 144 - EVENING) < 0.5 ? 0.03 : ordinaryCurve(day)),
    newcomers: 0.02,
    cut: (sample: number) => (sample === EVENING ? 0.97 : 0),
  },
  event: {
    summary: 'every three hours an eighth of all players gathers in one zone for half an hour',
    online: ordinaryCurve,
    newcomers: 0.02,
    event: (sample: number) => (sample % 18 < 3 && sample > 6 ? { zone: 6, share: sample % 18 === 0 ? 0.12 : 0.02 } : undefined),
  },
  patch: {
    summary: 'an expansion: 50 % more players; half of all logins are new players in five zones',
    online: (day: number) => 1.5 * ordinaryCurve(day),
    newcomers: 0.5,
    event: (sample: number) => ({ zone: sample % 5, share: 0.06 }),
  },
  slow: { summary: 'a quiet night after a quiet day', online: (day: number) => 0.3 * ordinaryCurve(day), newcomers: 0.02 },
} as const satisfies Record<string, Shape>

export type DayKind = keyof typeof dayKinds
export const kindNames = Object.keys(dayKinds) as DayKind[] // its own keys
