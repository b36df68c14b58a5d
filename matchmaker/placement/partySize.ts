import type { MapPolicy } from '../../model/policy/policy.ts'

/** Members that a party may have when no policy says anything: groups of five are what most games have. */
const DEFAULT_PARTY_SIZE = 5

/** The largest party that some map takes; a map with a smaller limit refuses larger ones. */
export function largestParty(policies: Iterable<MapPolicy>): number {
  return Math.max(DEFAULT_PARTY_SIZE, ...Array.from(policies, ({ parties }) => parties.max))
}
