import type { DurationMs } from '../../../model/clock.ts'
import type { MapName } from '../../../model/ids.ts'

/** What one bot does and when. Times are in milliseconds from the start of the run. */
export interface Schedule {
  person: Person
  /** Bots with the same value form one party. */
  party?: string
  /** In order of time, without overlap. */
  visits: Visit[]
}

export interface Person {
  name: string
  language: string
  guild?: string
  /** Founds the guild: its first member to sign in. */
  founder?: boolean
  friends: string[]
}

/** One session, from login to logout. The first stop begins at login. */
export interface Visit {
  from: DurationMs
  until: DurationMs
  stops: Stop[]
}

export interface Stop {
  at: DurationMs
  map: MapName
}

/** The same schedules, with a founder for each guild: the member whose first visit begins earliest. */
export function withFounders(schedules: readonly Schedule[]): Schedule[] {
  const begins = ({ visits }: Schedule): DurationMs => visits[0]?.from ?? Number.POSITIVE_INFINITY
  const founders = new Map<string, Schedule>()
  for (const schedule of schedules) {
    const { guild } = schedule.person
    if (guild === undefined) continue
    const first = founders.get(guild)
    if (first === undefined || begins(schedule) < begins(first)) founders.set(guild, schedule)
  }
  const founding = new Set(founders.values())
  return schedules.map((schedule) => (founding.has(schedule) ? { ...schedule, person: { ...schedule.person, founder: true } } : schedule))
}

/** Returns the visit that contains the time `at`. */
export function visitAt({ visits }: Schedule, at: DurationMs): Visit | undefined {
  return visits.find(({ from, until }) => from <= at && at < until)
}

/** Returns where the visitor should be at the time `at`. */
export function stopAt({ stops }: Visit, at: DurationMs): Stop | undefined {
  return stops.findLast((stop) => stop.at <= at) ?? stops[0]
}

/** Languages with their cumulative share of the bots. */
const languages = [
  { language: 'en', upTo: 0.4 },
  { language: 'de', upTo: 0.65 },
  { language: 'fr', upTo: 0.8 },
  { language: 'es', upTo: 0.92 },
  { language: 'pl', upTo: 1 },
]

/** Returns the language for a random number between 0 and 1. */
export function languageAt(share: number): string {
  return languages.find(({ upTo }) => share < upTo)?.language ?? 'en'
}
