import type { DurationMs } from '../../../model/clock.ts'
import type { MapName } from '../../../model/ids.ts'

/** What a bot means to do, in milliseconds from the start of the run. */
export interface Agenda {
  person: Person
  /** Bots with the same word here go about together. */
  party?: string
  /** In the order of time, none over another. */
  visits: Visit[]
}

export interface Person {
  name: string
  language: string
  guild?: string
  friends: string[]
}

/** From login to logout; the first stop begins with it. */
export interface Visit {
  from: DurationMs
  until: DurationMs
  stops: Stop[]
}

export interface Stop {
  at: DurationMs
  map: MapName
}

/** The visit that `at` falls into. */
export function visitAt({ visits }: Agenda, at: DurationMs): Visit | undefined {
  return visits.find(({ from, until }) => from <= at && at < until)
}

/** Where a visitor means to be at `at`. */
export function stopAt({ stops }: Visit, at: DurationMs): MapName | undefined {
  return (stops.findLast((stop) => stop.at <= at) ?? stops[0])?.map
}

/** Share of the people who speak it, and all before it in the list. */
const languages = [
  { language: 'en', upTo: 0.4 },
  { language: 'de', upTo: 0.65 },
  { language: 'fr', upTo: 0.8 },
  { language: 'es', upTo: 0.92 },
  { language: 'pl', upTo: 1 },
]

/** The language at `share` (0..1) of the people. */
export function languageAt(share: number): string {
  return languages.find(({ upTo }) => share < upTo)?.language ?? 'en'
}
