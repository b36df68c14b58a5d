import type { DurationMs } from '../../model/clock.ts'
import { StrataError } from '../../model/errors.ts'
import { afterHop, type HopHistory, hopWaitMs } from '../../model/placement/hops.ts'
import type { PlacementRequest } from '../../model/placement/placement.ts'
import type { SocialProfile } from '../../store/store.ts'
import { mapOf, type Parts } from '../parts.ts'
import type { Destination } from '../placement/destination.ts'
import { refuse } from '../placement/refuse.ts'

/**
 * Somebody named a copy, or a person in one: does the work if the cool-down allows, and counts the hop. Leaving one copy of a map for
 * another of the same map is a hop, however it is asked for: herbs, rare beasts and bosses stand in each (notes/megaservers.md §0.5).
 * To one's own party one may always come (rule P1), but that counts, too. What fails is not counted.
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
  if ('waitMs' in after) throw refuse(parts, request, policy, { error: tooSoon(after.waitMs) })
  // Somebody hopped twice at once: one of them is the first.
  const counted = await parts.store.recordHop(character, policy.map, before, after)
  if (!counted) throw refuse(parts, request, policy, { error: tooSoon(hopWaitMs(after, policy.moves.hopCooldown, now)) })
  try {
    return await work()
  } catch (error) {
    // The level that was; the row itself stays, since "nothing" cannot be told from "long ago" anyhow.
    await parts.store.recordHop(character, policy.map, after, before ?? { ...after, level: 0 })
    throw error
  }
}

/** The history to be written; undefined when nothing changes; how long to wait when it is too soon. */
function historyAfter(
  parts: Parts,
  { character, partyMembers }: SocialProfile,
  { copy = '', policy, beside }: Destination,
  before?: HopHistory,
): HopHistory | { waitMs: DurationMs } | undefined {
  const { hopCooldown } = policy.moves
  const now = parts.clock.now()
  const whereabouts = parts.world.census().whereabouts.get(character)
  const recent = before !== undefined && now - before.at < hopCooldown.forgetMs ? before.copy : undefined
  const from = whereabouts?.map === policy.map ? whereabouts.copy : recent
  if (from === copy) return undefined
  if (from === undefined) return { level: 0, at: now, copy }
  const seats = mapOf(parts.world.census(), policy.map).copies.get(copy)?.seats
  const toParty = (beside !== undefined && partyMembers.includes(beside)) || partyMembers.some((member) => member !== character && seats?.has(member) === true)
  const waitMs = hopWaitMs(before, hopCooldown, now)
  if (waitMs > 0 && !toParty) return { waitMs }
  return afterHop(before, hopCooldown, copy, now)
}

function tooSoon(waitMs: number): StrataError {
  return new StrataError('HOP_COOLDOWN', { seconds: Math.max(1, Math.ceil(waitMs / 1000)) })
}
