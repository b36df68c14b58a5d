import type { Instant } from '../../model/clock.ts'

/** One character logs in, logs out or changes zone, at a drawn moment. */
export interface Step {
  /** Seconds since the first sample. */
  at: number
  avatar: number
  /** Layered zones that the character leaves and enters; undefined when offline or in a zone that is not layered. */
  from: number | undefined
  to: number | undefined
  /** Whether this step starts or ends a session; otherwise it is travel. */
  login: boolean
  logout: boolean
  /** The character does not travel, but joins or leaves a guild or a party. Only recorded days know it. */
  description?: Description
  /** The character comes into the world, on a layered map or not, and these are its friends during this visit, as avatar indices. Only recorded days know it. */
  friends?: readonly number[]
}

/** Guild and party of a character by number; guild 0 and party -1 are none. */
export interface Description {
  guild: number
  party: number
}

/** Who belongs to whom, by index of the avatar. */
export interface People {
  /** Party index of each avatar; -1 for none. */
  party: Int32Array
  /** Friends of each avatar, as avatar indices; of a recorded day empty, because its steps have them. */
  friends: number[][]
  /** Language of each avatar, as an index into `languages`. */
  language: Uint8Array
  languages: readonly string[]
  /** The other languages of each avatar, best first. Absent: each speaks one. */
  others?: readonly (readonly string[])[]
}

/** The exact course of a day that an orchestrator recorded. */
export interface RecordedDay {
  people: People
  steps: Step[]
  /** Length of the day. */
  seconds: number
  start: Instant
  /** Seconds that were not recorded in between: changes in them happen at their end. */
  gapSeconds: number
}
