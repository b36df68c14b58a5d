import type { DurationMs } from '../../model/clock.ts'
import { StrataError } from '../../model/errors.ts'
import { afterHop, type HopHistory, hopWaitMs } from '../../model/placement/hops.ts'
import type { PlacementRequest } from '../../model/placement/placement.ts'
import type { SocialProfile } from '../../store/store.ts'
import { mapOf, type Parts } from '../parts.ts'
import type { Destination } from '../placement/destination.ts'
import { refuse } from '../placement/refuse.ts'

/**
 * Runs `work` if the hop cool-down allows, and counts the hop. A hop is a change from one copy of a map to a chosen other copy of it, also by joining
 * a friend. It is limited because every copy has its own herbs, rare creatures and bosses. Joining one's own party is always allowed (rule P1), but
 * it counts. A failed attempt does not count.
 */
export async function withHopCooldown<Answer>(
  parts: Parts,
  { profile, destination, request }: { profile: SocialProfile; destination: Destination; request: PlacementRequest },
  work: () => Promise<Answer>,
): Promise<Answer> {
  const { copy, policy } = destination
  if (copy === undefined) return work()
  const { character } = profile
  const now = parts.clock.now()
  const before = await parts.store.hopHistory(character, policy.map)
  const after = historyAfter(parts, profile, destination, before)
  if (after === undefined) return work()
  if ('waitMs' in after) throw refuse(parts, request, policy, { error: cooldownError(after.waitMs) })
  // Two hops ran at the same time: only one of them is recorded.
  const counted = await parts.store.recordHop(character, policy.map, before, after)
  if (!counted) throw refuse(parts, request, policy, { error: cooldownError(hopWaitMs(after, policy.moves.hopCooldown, now)) })
  try {
    return await work()
  } catch (error) {
    // Restores the former level. The row stays; a history at level 0 equals no history.
    await parts.store.recordHop(character, policy.map, after, before ?? { ...after, level: 0 })
    throw error
  }
}

/** The history after this hop; undefined when this is not a hop; `waitMs` when the cool-down is still running. */
function historyAfter(
  parts: Parts,
  { character, partyMembers }: SocialProfile,
  { copy = '', policy, beside }: Destination,
  before?: HopHistory,
): HopHistory | { waitMs: DurationMs } | undefined {
  const { hopCooldown } = policy.moves
  const now = parts.clock.now()
  const whereabouts = parts.world.census().whereabouts.get(character)
  const lastCopy = before !== undefined && now - before.at < hopCooldown.forgetMs ? before.copy : undefined
  const from = whereabouts?.map === policy.map ? whereabouts.copy : lastCopy
  if (from === copy) return undefined
  if (from === undefined) return { level: 0, at: now, copy }
  const seats = mapOf(parts.world.census(), policy.map).copies.get(copy)?.seats
  const toParty = (beside !== undefined && partyMembers.includes(beside)) || partyMembers.some((member) => member !== character && seats?.has(member) === true)
  const waitMs = hopWaitMs(before, hopCooldown, now)
  if (waitMs > 0 && !toParty) return { waitMs }
  return afterHop(before, hopCooldown, copy, now)
}

function cooldownError(waitMs: number): StrataError {
  return new StrataError('HOP_COOLDOWN', { seconds: Math.max(1, Math.ceil(waitMs / 1000)) })
}
