import type { Instant } from '../../../model/clock.ts'
import type { CharacterId } from '../../../model/ids.ts'
import type { MoveCause } from '../../../model/move.ts'
import type { Policies } from '../../../model/policy/policy.ts'
import type { Store } from '../../../store/store.ts'
import type { PlanMemory } from '../../plan/action.ts'

/** Newest decisions that are read per map. Placements are among them, so this covers minutes of a rush or hours of a quiet day. */
const DECISIONS = 2_000

/** Causes of moves that the player did not ask for. */
const unasked: ReadonlySet<unknown> = new Set<MoveCause>(['merge', 'drain', 'reunite', 'relief', 'operator'])

/**
 * Reads from the stored decisions when each character was last moved against their will. Without it, every change of leader would allow a second
 * forced move within `perPlayerEvery` (rule M4).
 */
export async function loadLastMoves(store: Pick<Store, 'decisionsOn'>, policies: Policies, now: Instant): Promise<PlanMemory['lastMoved']> {
  const lastMoved = new Map<CharacterId, Instant>()
  const longest = Math.max(0, ...[...policies.values()].map(({ moves }) => moves.perPlayerEveryMs))
  for (const map of policies.keys()) {
    for (const { kind, at, characters, inputs } of await store.decisionsOn(map, DECISIONS)) {
      const forced = kind === 'move' && unasked.has(inputs['cause'])
      if (!forced || now - at >= longest) continue
      for (const character of characters) lastMoved.set(character, Math.max(at, lastMoved.get(character) ?? 0))
    }
  }
  // Oldest first, as `MoveBudget.lastMoved` expects.
  return new Map([...lastMoved].sort(([, a], [, b]) => a - b))
}
