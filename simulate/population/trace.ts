import type { RecordedDay } from './course.ts'

/** One uninterrupted stay in a zone: the first and last sample at which the avatar was seen there, both inclusive. */
export interface Stay {
  zone: number
  first: number
  last: number
}

export interface Avatar {
  /** The avatar's id in the trace. */
  id: string
  realm: number
  /** The guild in which the avatar was first seen; 0 for none. */
  guild: number
  /** In order of time; consecutive stays that touch are in different zones. */
  stays: Stay[]
}

export type ZoneKind = 'open' | 'city' | 'instance' | 'pvp_instance'

export interface Zone {
  id: number
  name: string
  kind: ZoneKind
}

/** A recorded day: which avatar was in which zone, in samples of ten minutes. */
export interface Trace {
  avatars: Avatar[]
  zones: Map<number, Zone>
  samples: number
  /** Exact moments and people, of a day that an orchestrator recorded; absent: they are drawn and inferred (`journeys.ts`, `people.ts`). */
  recorded?: RecordedDay
}

export const SAMPLE_SECONDS = 600
/** Open zones and cities are layered maps; the other kinds were private instances in the recorded game and are left out. */
export function isLayered(zone: Zone | undefined): boolean {
  return zone?.kind === 'open' || zone?.kind === 'city'
}

/** The map name of a zone, in the form that policies allow: `Isle of Quel'Danas` → `isle-of-queldanas`. */
export function mapNameOf({ name }: Zone): string {
  return name
    .toLowerCase()
    .replaceAll("'", '')
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
}
