import type { Instant } from '../../../model/clock.ts'
import type { CharacterId } from '../../../model/ids.ts'
import type { Policies } from '../../../model/policy/policy.ts'
import type { Store } from '../../../store/store.ts'
import { emptyMemory, type PlanMemory } from '../../plan/action.ts'

/** Newest decisions read per map; placements stand among them, so that this is some minutes of a rush or hours of a quiet day. */
const DECISIONS = 2_000

/**
 * What a new leader can know of its predecessor's moves: the stored decisions. Without it, people moved a minute ago could
 * be moved against their will again after each change of leader (rule M4).
 */
export async function recallMoves(store: Pick<Store, 'decisionsOn'>, policies: Policies, now: Instant): Promise<PlanMemory> {
  const lastMoved = new Map<CharacterId, Instant>()
  const longest = Math.max(0, ...[...policies.values()].map(({ moves }) => moves.perPlayerEveryMs))
  for (const map of policies.keys()) {
    for (const { kind, at, characters, inputs } of await store.decisionsOn(map, DECISIONS)) {
      const forced = kind === 'move' && (inputs['cause'] === 'merge' || inputs['cause'] === 'drain')
      if (!forced || now - at >= longest) continue
      for (const character of characters) lastMoved.set(character, Math.max(at, lastMoved.get(character) ?? 0))
    }
  }
  // Oldest first: the planner forgets from the front.
  return { ...emptyMemory, lastMoved: new Map([...lastMoved].sort(([, a], [, b]) => a - b)) }
}
