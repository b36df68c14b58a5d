import type { DurationMs, Instant } from '../../../model/clock.ts'
import type { CharacterId, MapName } from '../../../model/ids.ts'
import { FORCED_MOVES_MS } from '../../../model/server.ts'
import type { PlanMemory } from '../action.ts'
import type { MapView } from '../view/mapView.ts'
import { evacuationPerMinute } from './evacuation.ts'

const MINUTE_MS: DurationMs = 60_000
/** A player who is still in a closing copy this long after an order was not moved by it, and may be ordered again. */
const RETRY_AFTER_MS: DurationMs = 15_000

/** Limits moves per map and per player (rule M4). One for all maps of a round. */
export class MoveBudget {
  readonly #before: PlanMemory
  readonly #now: Instant
  /** A copy of `#before.lastMoved`, made before the first change. */
  #lastMoved: Map<CharacterId, Instant> | undefined
  readonly #recent = new Map<MapName, Instant[]>()

  constructor(before: PlanMemory, now: Instant) {
    this.#before = before
    this.#now = now
  }

  /** Players of this map that may still be ordered to move within this minute: as many as the policy allows, or more while a server ends. */
  left({ map, policy, closing, forcedMovesStart, now }: MapView): number {
    const leaving = closing.map(({ copy, players }) => ({ players, leavesBy: forcedMovesStart(copy) + FORCED_MOVES_MS }))
    return Math.max(policy.moves.perMinute, evacuationPerMinute(leaving, now)) - this.#recentOf(map).length
  }

  /** Whether this player may be moved out of a copy that has been closing since `since`. */
  allows(character: CharacterId, { policy }: MapView, since: Instant): boolean {
    const last = (this.#lastMoved ?? this.#before.lastMoved).get(character)
    if (last === undefined) return true
    if (last >= since) return this.allowsAgain(character, since)
    return this.#now - last >= policy.moves.perPlayerEveryMs
  }

  /** Whether a player who is still in the copy may be ordered again: `RETRY_AFTER_MS` after the last order since the closing began. */
  allowsAgain(character: CharacterId, since: Instant): boolean {
    const last = (this.#lastMoved ?? this.#before.lastMoved).get(character)
    return last === undefined || last < since || this.#now - last >= RETRY_AFTER_MS
  }

  spend({ map }: MapView, characters: readonly CharacterId[]): void {
    this.#lastMoved ??= new Map(this.#before.lastMoved)
    const recent = this.#recentOf(map)
    for (const character of characters) {
      // Deleted before it is set, so that the map stays sorted by time, oldest first.
      this.#lastMoved.delete(character)
      this.#lastMoved.set(character, this.#now)
      recent.push(this.#now)
    }
  }

  /** Times of the moves on this map within the last minute, this round included. */
  recentMoves(map: MapName): readonly Instant[] {
    return this.#recentOf(map)
  }

  /** Last moves for the next round. `longest`: the longest `perPlayerEvery` of all policies; older moves are dropped. */
  lastMoved(longest: DurationMs): ReadonlyMap<CharacterId, Instant> {
    for (const [character, at] of this.#lastMoved ?? this.#before.lastMoved) {
      if (this.#now - at < longest) break
      this.#lastMoved ??= new Map(this.#before.lastMoved)
      this.#lastMoved.delete(character)
    }
    return this.#lastMoved ?? this.#before.lastMoved
  }

  #recentOf(map: MapName): Instant[] {
    const known = this.#recent.get(map)
    if (known !== undefined) return known
    const recent = (this.#before.maps.get(map)?.recentMoves ?? []).filter((at) => this.#now - at < MINUTE_MS)
    this.#recent.set(map, recent)
    return recent
  }
}
