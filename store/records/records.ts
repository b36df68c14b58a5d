import type { Instant } from '../../model/clock.ts'
import type { Violation } from '../../model/fairness.ts'
import type { Attributes, CharacterId, Epoch, MapName, PartyId } from '../../model/ids.ts'
import type { HopHistory } from '../../model/placement/hops.ts'

/** Key of loot, a boss or anything else that a character may have only once per period, in any copy: `boss:dragon`, `chest:forest-17`. */
export type LockKey = string

export interface Lock {
  key: LockKey
  until: Instant
}

/** The usual population of a map in each quarter of an hour of the day (UTC). `undefined`: not known yet. */
export type DayQuarters = readonly (number | undefined)[]

/** `name`: the character's; empty for one that was deleted. */
export type StoredViolation = Violation & { name: string }

/** Players of the last start of each declared event, by its name. */
export type EventCrowds = ReadonlyMap<string, number>

/** Data about characters that outlives copies: attributes, people met, hops, locks and opened instances. Also the times of day of each map. */
export interface Records {
  /** Sets the attributes of a character (`placement.attributes`) from the next placement on. `false`: the epoch is stale (rule S2). */
  describe(character: CharacterId, epoch: Epoch, attributes: Attributes): Promise<boolean>

  /** Adds the minutes that each character spent with others until `now`. */
  recordMeetings(minutes: ReadonlyMap<CharacterId, Readonly<Record<CharacterId, number>>>, now: Instant): Promise<void>

  hopHistory(character: CharacterId, map: MapName): Promise<HopHistory | undefined>
  /** Replaces the history `before`, as `hopHistory` returned it. `false`: the stored history has changed since, because of a concurrent hop. */
  recordHop(character: CharacterId, map: MapName, before: HopHistory | undefined, after: HopHistory): Promise<boolean>

  /**
   * Takes the lock for each holder who does not have it and whose epoch is current. Returns these characters: only they may have the loot. A locked
   * character cannot take the lock in any copy before `until`. Calls with the same `deed` (one kill, one opened chest) return the same
   * characters, so that a call without an answer may be repeated.
   */
  takeLocks(lock: Lock & { deed: string }, holders: readonly { character: CharacterId; epoch: Epoch }[], now: Instant): Promise<CharacterId[]>
  /** Removes the lock of a deed that did not happen. `false`: the lock was taken by another deed. */
  releaseLock(key: LockKey, character: CharacterId, deed: string): Promise<boolean>
  /** The characters that have the lock, with its end. For a check before the fight starts. */
  lockedOut(key: LockKey, characters: readonly CharacterId[], now: Instant): Promise<Map<CharacterId, Instant>>
  /** The locks of a character, earliest end first. */
  locksOf(character: CharacterId, now: Instant): Promise<Lock[]>

  /**
   * Counts a new instance for each member of a party. If a member has opened `perHour` instances within the last hour, it counts nothing and returns the
   * instant from which on a new one is allowed. A second request of the party within `pendingMs` is the same instance and is not counted.
   */
  countInstance(request: {
    map: MapName
    party: PartyId
    members: readonly CharacterId[]
    perHour: number
    pendingMs: number
    now: Instant
  }): Promise<Instant | undefined>

  /** The usual population that the planner has learned, by map and time of day. */
  dayShapes(): Promise<Map<MapName, DayQuarters>>
  /** Replaces the values of the given maps. */
  recordDayShapes(shapes: ReadonlyMap<MapName, DayQuarters>, now: Instant): Promise<void>

  /** How many players came to the declared events before, by map and event. */
  eventCrowds(): Promise<Map<MapName, EventCrowds>>
  /** Replaces the values of the given maps. */
  recordEventCrowds(crowds: ReadonlyMap<MapName, EventCrowds>, now: Instant): Promise<void>

  /** Stores violations for moderators. Those that are stored already stay unchanged, so that a batch may be sent again. */
  recordViolations(violations: readonly Violation[]): Promise<void>
  /** Newest first: of all characters or of these, all or only those at which the policy flagged or kicked. */
  violations(query: { characters?: readonly CharacterId[]; flagged?: boolean; limit: number }): Promise<StoredViolation[]>

  /** Deletes records that no longer have an effect; returns how many rows. */
  forgetRecords(now: Instant): Promise<number>
}
