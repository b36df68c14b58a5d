import { type DaySums, scoreOf } from '../../score/day/daySums.ts'

/**
 * How far live and simulated figures may be apart. `share`: of the live value; otherwise the difference itself. Over eight seeds the largest distances were 0.10 of guild-mates,
 * 0.03 of friends, 1.1 moves an hour, 1 % of the copies and 0.1 % of what the recording says. docs/explanation/recorded-and-simulated.md has the reasons.
 */
const bounds = {
  guildPairCohesion: { by: 'difference', most: 0.12 },
  friendPairCohesion: { by: 'difference', most: 0.08 },
  partyCohesion: { by: 'difference', most: 0.02 },
  forcedMovesPerPlayerHour: { by: 'difference', most: 1.5 },
  meanCopies: { by: 'share', most: 0.05 },
  meanPlayers: { by: 'share', most: 0.01 },
  /** Pair-seconds on one map: what the recording says, not what the policy does. */
  guildPairs: { by: 'share', most: 0.01 },
  friendPairs: { by: 'share', most: 0.01 },
  partyPairs: { by: 'share', most: 0.01 },
} as const

export type Compared = Record<keyof typeof bounds, { live: number; simulated: number; apart: number; most: number }>

const figuresOf = (sums: DaySums): Record<keyof typeof bounds, number> => ({
  ...scoreOf(sums),
  guildPairs: sums.guildAll / sums.seconds,
  friendPairs: sums.friendAll / sums.seconds,
  partyPairs: sums.partyAll / sums.seconds,
})

/** Both figures of each kind, and how far they are apart. */
export function compared(live: DaySums, simulated: DaySums): Compared {
  const [one, other] = [figuresOf(live), figuresOf(simulated)]
  const names = Object.keys(bounds) as (keyof typeof bounds)[] // its own keys
  return Object.fromEntries(
    names.map((name) => {
      const difference = Math.abs(one[name] - other[name])
      const { by, most } = bounds[name]
      return [name, { live: one[name], simulated: other[name], apart: by === 'share' ? difference / Math.max(1e-9, one[name]) : difference, most }]
    }),
  ) as Compared // the same keys
}

/** Names of the figures that are further apart than their bound. */
export function apart(figures: Compared): string[] {
  return Object.entries(figures)
    .filter(([, figure]) => figure.apart > figure.most)
    .map(([name, { live, simulated }]) => `${name}: ${live.toFixed(3)} live, ${simulated.toFixed(3)} simulated`)
}

/** The sums of the time between two readings. Peaks are those of the whole time. */
export function between(before: DaySums, after: DaySums): DaySums {
  const peaks = new Set(['peakCopies', 'peakPlayers'])
  return Object.fromEntries(
    Object.entries(after).map(([name, value]) => [name, peaks.has(name) ? value : value - before[name as keyof DaySums]]),
  ) as unknown as DaySums // the same keys
}
