import { StrataError } from '../../model/errors.ts'
import type { MapPolicy } from '../../model/policy/policy.ts'

/** Members that a party may have when no policy says anything: groups of five are what most games have. */
const DEFAULT_PARTY_SIZE = 5

/** The largest party that some map takes; a map with a smaller limit refuses larger ones. */
export function largestParty(policies: Iterable<MapPolicy>): number {
  return Math.max(DEFAULT_PARTY_SIZE, ...Array.from(policies, ({ parties }) => parties.max))
}

/**
 * Why this group may not enter the map; undefined when it may. A party larger than `parties.max` does not enter as one. An instance that is private to one party
 * is not open to a larger one at all: its members could otherwise come in one by one.
 */
export function partyTooLarge({ map, kind, instance, parties: { max: limit } }: MapPolicy, group: number, party: number): StrataError | undefined {
  const size = kind === 'instance' && instance.key === undefined ? Math.max(group, party) : group
  return size > limit ? new StrataError('PARTY_TOO_LARGE', { map, limit, size }) : undefined
}
