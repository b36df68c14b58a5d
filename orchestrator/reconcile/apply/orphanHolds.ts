import type { CopyCensus } from '../../../model/census.ts'
import type { DurationMs, Instant } from '../../../model/clock.ts'
import type { Copy } from '../../../model/copy.ts'
import type { CharacterId } from '../../../model/ids.ts'
import { moveHoldMs } from '../../../model/move.ts'
import type { Policies } from '../../../model/policy/policy.ts'
import type { Seat } from '../../../model/seat.ts'

/** All seats are looked through so often; what is nobody's in two looks is nobody's. */
export const ORPHAN_LOOK_MS: DurationMs = 10_000
/** Clocks of two machines differ. */
const MARGIN_MS: DurationMs = 10_000

type HeldSeat = Seat & { state: 'held' }
export interface OrphanHold {
  copy: Copy
  seat: HeldSeat
}

/**
 * Seats held for a move whose order was never written, because who ordered it died between the two steps. They would stand for as long as
 * a merge may take. They are known by that: no request of a player holds a seat for so long, and of a move there is an order.
 */
export class OrphanHolds {
  #lookedAt: Instant | undefined
  #suspects = new Set<string>()

  /** Those that nobody wants; empty at most calls. `moving`: all characters with an order. */
  due(copies: Iterable<CopyCensus>, moving: ReadonlySet<CharacterId>, policies: Policies, now: Instant): OrphanHold[] {
    if (this.#lookedAt !== undefined && now - this.#lookedAt < ORPHAN_LOOK_MS) return []
    this.#lookedAt = now
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
