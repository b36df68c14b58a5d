import type { CopyCensus } from '../../../model/census.ts'
import type { DurationMs, Instant } from '../../../model/clock.ts'
import type { Copy } from '../../../model/copy.ts'
import type { CharacterId } from '../../../model/ids.ts'
import { moveHoldMs } from '../../../model/move.ts'
import type { Policies } from '../../../model/policy/policy.ts'
import type { Seat } from '../../../model/seat.ts'

/** Pause between two searches through all seats. A hold without an order in two searches is an orphan. */
export const ORPHAN_SEARCH_MS: DurationMs = 10_000
/** Allowance for clocks of different machines that differ. */
const MARGIN_MS: DurationMs = 10_000

type HeldSeat = Seat & { state: 'held' }
export interface OrphanHold {
  copy: Copy
  seat: HeldSeat
}

/**
 * Finds seats held for a move whose order was never written, because the leader died between the two steps. They would stay held for the whole
 * `merge.deadline`. A hold is an orphan when it is longer than any player's request holds a seat, and its character has no order.
 */
export class OrphanHolds {
  #searchedAt: Instant | undefined
  #suspects = new Set<string>()

  /** Holds to free; empty between two searches. `moving`: all characters with an order. */
  due(copies: Iterable<CopyCensus>, moving: ReadonlySet<CharacterId>, policies: Policies, now: Instant): OrphanHold[] {
    if (this.#searchedAt !== undefined && now - this.#searchedAt < ORPHAN_SEARCH_MS) return []
    this.#searchedAt = now
    const found = [...longHolds(copies, policies, now)].filter(({ seat }) => !moving.has(seat.character))
    const due = found.filter((hold) => this.#suspects.has(keyOf(hold)))
    this.#suspects = new Set(found.map(keyOf))
    return due
  }
}

function* longHolds(copies: Iterable<CopyCensus>, policies: Policies, now: Instant): Generator<OrphanHold> {
  for (const { copy, seats } of copies) {
    const longest = now + moveHoldMs(policies.get(copy.map)?.seatHoldMs ?? 0, true) + MARGIN_MS
    for (const seat of seats.values()) if (seat.state === 'held' && seat.deadline > longest) yield { copy, seat }
  }
}

function keyOf({ copy, seat }: OrphanHold): string {
  return `${copy.id} ${seat.character} ${seat.deadline}`
}
