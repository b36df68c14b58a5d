import type { Instant } from '../../model/clock.ts'
import type { Attributes, CharacterId, Epoch, MapName, PartyId } from '../../model/ids.ts'
import type { HopHistory } from '../../model/placement/hops.ts'

/** A lock of loot, of a boss, of anything that a character may have once in a while, wherever it is: `boss:dragon`, `chest:forest-17`. */
export type LockKey = string

export interface Lock {
  key: LockKey
  until: Instant
}

/** How full a map usually is at each quarter of an hour of the day (UTC); `undefined` where nothing is known. */
export type DayQuarters = readonly (number | undefined)[]

/** What outlives copies besides the characters themselves: what they are like, whom they met, what they may not do again yet. */
export interface Records {
  /** Sets what a game knows of a character (`placement.attributes`); it counts from the next placement on. `false`: the epoch is stale (rule S2). */
  describe(character: CharacterId, epoch: Epoch, attributes: Attributes): Promise<boolean>

  /** Minutes that each of these spent with others until `now`. */
  recordMeetings(minutes: ReadonlyMap<CharacterId, Readonly<Record<CharacterId, number>>>, now: Instant): Promise<void>

  hopHistory(character: CharacterId, map: MapName): Promise<HopHistory | undefined>
  /** Replaces what `hopHistory` said; `false` when it says something else by now: somebody hopped twice at once. */
  recordHop(character: CharacterId, map: MapName, before: HopHistory | undefined, after: HopHistory): Promise<boolean>

  /**
   * Takes a lock for each of these who has not got it, and whose epoch is the present one: they, and only they, may have the loot.
   * Who has it gets it again in no copy before `until`, whatever becomes of the copy. The same `deed` (one kill, one chest opened)
   * gets the same answer however often it asks, so that a call without an answer may be repeated.
   */
  takeLocks(lock: Lock & { deed: string }, holders: readonly { character: CharacterId; epoch: Epoch }[], now: Instant): Promise<CharacterId[]>
  /** Gives it back: what it stood for did not happen after all. Only the deed that took it can. */
  releaseLock(key: LockKey, character: CharacterId, deed: string): Promise<boolean>
  /** Who of these has the lock: asked before a boss lets them in. */
  lockedOut(key: LockKey, characters: readonly CharacterId[], now: Instant): Promise<Map<CharacterId, Instant>>
  /** Soonest to end first. */
  locksOf(character: CharacterId, now: Instant): Promise<Lock[]>

  /**
   * Counts a new instance for each member of a party, unless one of them has had `perHour` opened within the hour: then the instant from
   * when on they may. A party whose request is younger than `pendingMs` has it counted already.
   */
  countInstance(request: {
    map: MapName
    party: PartyId
    members: readonly CharacterId[]
    perHour: number
    pendingMs: number
    now: Instant
  }): Promise<Instant | undefined>

  /** What the planner learned of each map's times of day. */
  dayShapes(): Promise<Map<MapName, DayQuarters>>
  /** Replaces those of these maps. */
  recordDayShapes(shapes: ReadonlyMap<MapName, DayQuarters>, now: Instant): Promise<void>

  /** Removes what says nothing any more; returns how many rows. */
  forgetRecords(now: Instant): Promise<number>
}
