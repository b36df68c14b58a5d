import type { DurationMs, Instant } from '../../../model/clock.ts'
import type { CharacterId, MapName } from '../../../model/ids.ts'
import type { MapPolicy } from '../../../model/policy/policy.ts'
import type { PlanMemory } from '../action.ts'

const MINUTE_MS: DurationMs = 60_000
/** Somebody ordered away from a copy that closes, and still there after this, was not moved: the order failed. */
const RETRY_AFTER_MS: DurationMs = 15_000

/** How many more may be moved on a map, and who was moved lately (rule M4). One for all maps of a round. */
export class MoveBudget {
  readonly #before: PlanMemory
  readonly #now: Instant
  #lastMoved: Map<CharacterId, Instant> | undefined
  readonly #recent = new Map<MapName, Instant[]>()

  constructor(before: PlanMemory, now: Instant) {
    this.#before = before
    this.#now = now
  }

  /** People that may still be ordered away from copies of this map within this minute. */
  left({ map, moves }: MapPolicy): number {
    return moves.perMinute - this.#recentOf(map).length
  }

  /** May this person be moved out of a copy that has been closing since `since`? */
  allows(character: CharacterId, { moves }: MapPolicy, since: Instant): boolean {
    const last = (this.#lastMoved ?? this.#before.lastMoved).get(character)
    if (last === undefined) return true
    if (last >= since) return this.allowsAgain(character, since)
    return this.#now - last >= moves.perPlayerEveryMs
  }

  /** Whoever was ordered out of a copy since it began to close, and is still in it, is ordered again, but not at once. */
  allowsAgain(character: CharacterId, since: Instant): boolean {
    const last = (this.#lastMoved ?? this.#before.lastMoved).get(character)
    return last === undefined || last < since || this.#now - last >= RETRY_AFTER_MS
  }

  spend({ map }: MapPolicy, characters: readonly CharacterId[]): void {
    this.#lastMoved ??= new Map(this.#before.lastMoved)
    const recent = this.#recentOf(map)
    for (const character of characters) {
      // Taken out first: the map stays in the order of time, oldest first.
      this.#lastMoved.delete(character)
      this.#lastMoved.set(character, this.#now)
      recent.push(this.#now)
    }
  }

  /** What the next round needs to know; `longest` is the longest `perPlayerEvery` in force. */
  after(longest: DurationMs): Pick<PlanMemory, 'lastMoved' | 'recentMoves'> {
    const recentMoves = new Map<MapName, readonly Instant[]>()
    for (const map of new Set([...this.#before.recentMoves.keys(), ...this.#recent.keys()])) {
      const recent = this.#recentOf(map)
      if (recent.length > 0) recentMoves.set(map, recent)
    }
    for (const [character, at] of this.#lastMoved ?? this.#before.lastMoved) {
      if (this.#now - at < longest) break
      this.#lastMoved ??= new Map(this.#before.lastMoved)
      this.#lastMoved.delete(character)
    }
    return { lastMoved: this.#lastMoved ?? this.#before.lastMoved, recentMoves }
  }

  #recentOf(map: MapName): Instant[] {
    const known = this.#recent.get(map)
    if (known !== undefined) return known
    const recent = (this.#before.recentMoves.get(map) ?? []).filter((at) => this.#now - at < MINUTE_MS)
    this.#recent.set(map, recent)
    return recent
  }
}
