import { seededRandom } from '../../model/random.ts'
import { type DayOptions, generateDay } from '../generate/day.ts'
import type { Trace } from '../population/trace.ts'
import { derivationNames, deriveDay } from './derive.ts'

/** One of the days on which the defaults are judged. */
export interface Day {
  name: string
  make(seed: number): Trace
}

/** Players at the peak of a generated day: the layered half of the recorded day has 10,000. */
const PLAYERS = 5_000

const generated: Record<string, Omit<DayOptions, 'random'>> = {
  patch: { kind: 'patch', players: PLAYERS, realms: 20 },
  storm: { kind: 'storm', players: PLAYERS, realms: 20 },
  event: { kind: 'event', players: PLAYERS, realms: 20 },
  slow: { kind: 'slow', players: PLAYERS, realms: 20 },
  'generated-churn': { kind: 'ordinary', players: PLAYERS, realms: 20, factors: { churn: 2 } },
  'generated-deep-night': { kind: 'ordinary', players: PLAYERS, realms: 10, factors: { peak: 1.6, guilds: 2 } },
  'generated-small': { kind: 'event', players: 800, realms: 4, factors: { guilds: 0.5 } },
}

/** Twice the realms say little that five times as many do not. */
const LEFT_OUT: readonly string[] = ['x2']

/** Twenty days: the recorded one, those derived from it, and generated ones. */
export function judgedDays(recorded: Trace): Day[] {
  return [
    { name: 'recorded', make: () => recorded },
    ...derivationNames.filter((name) => !LEFT_OUT.includes(name)).map((name) => ({ name, make: () => deriveDay(recorded, name) })),
    ...generatedDays(),
  ]
}

export function generatedDays(): Day[] {
  return Object.entries(generated).map(([name, options]) => ({ name, make: (seed) => generateDay({ ...options, random: seededRandom(seed) }) }))
}
