import type { MapCensus } from '../../model/census.ts'
import type { CopyId, GuildId } from '../../model/ids.ts'
import { type LineEntry, ownerOf } from '../../model/line.ts'
import type { PlacementRequest, Ranking } from '../../model/placement/placement.ts'
import { ownerId } from '../../model/policy/instanceKey.ts'
import type { MapPolicy } from '../../model/policy/policy.ts'
import type { SeatOption } from '../../model/seat.ts'
import type { Filter } from '../eligibility.ts'
import { rank } from '../rank.ts'
import { inFairOrder } from './fairShare.ts'
import { decided, type Ranker, rankingOf, type SeatContext, type SeatDecision } from './seatsFor.ts'

/** Places read per round. When all of them are blocked, the round is repeated with `MAX_HEAD_PLACES`. */
export const HEAD_PLACES = 16
/** Most places read in one round. */
export const MAX_HEAD_PLACES = 256
/** Places read on a contested map. Places further back do not count towards their guild's share yet. */
const CONTESTED_HEAD_PLACES = 512

/** Number of places at the head of the line that a round looks at. Each place for an instance waits for its own, so that many are looked at. */
export function headPlaces({ kind, queue }: MapPolicy, count = HEAD_PLACES): number {
  return kind === 'instance' ? MAX_HEAD_PLACES : queue.share === 'guild' ? CONTESTED_HEAD_PLACES : count
}

/** Whether places get their seats in order of arrival. */
export function inOrderOfArrival({ kind, queue }: MapPolicy): boolean {
  return kind !== 'instance' && queue.share !== 'guild'
}

/** One round of promotions: the places to try, in order, and the places that each of them may pass. */
export interface Round {
  next: readonly LineEntry[]
  /** None in order of arrival; in guild order the guilds that had their share; for instances all, since each waits for its own. */
  passing: string[]
  /** Copies in which parties further ahead gather their seats. */
  gathering: Set<CopyId>
}

/** Plans a round from the head of the line (rule Q1). */
export function roundOf(head: readonly LineEntry[], map: MapCensus, policy: MapPolicy): Round {
  const next = policy.kind === 'instance' ? withOpenInstance(head, map) : policy.queue.share === 'guild' ? inGuildOrder(head, map) : head
  return { next, passing: inOrderOfArrival(policy) ? [] : head.map(({ id }) => id), gathering: new Set() }
}

/** Decides on seats for a place in line whose turn it is. Pure; the matchmaker and the simulator promote with it. */
export function turnOf(request: PlacementRequest, context: SeatContext, { gathering }: Round, ranker: Ranker = rank): SeatDecision {
  const ranking = rankingOf(request, context, ranker)
  const options = ranking.options.filter(({ copy }) => !gathering.has(copy)).map((option) => leavingMargin(option, context.policy))
  return decided(request, context, ranking, options)
}

/**
 * What a place that got no seat means for the places behind it. `blocked`: it waits for reasons of its own, or gathers seats for a party in one copy, and they
 * may pass it; the round then knows. `waits`: nobody passes it.
 */
export function withoutSeat(entry: LineEntry, ranking: Ranking, policy: MapPolicy, round: Round): 'blocked' | 'waits' {
  if (!isBlockedByOwnLimits(ranking, policy) && !gathers(ranking, entry, round.gathering)) return 'waits'
  round.passing.push(entry.id)
  return 'blocked'
}

/** Places whose instance is open. The others are not looked up while their instance opens. */
function withOpenInstance(head: readonly LineEntry[], { copies }: MapCensus): LineEntry[] {
  const open = new Set<string | undefined>()
  for (const { copy } of copies.values()) if (copy.state === 'open') open.add(ownerId(copy))
  return head.filter((entry) => {
    const owner = ownerId(ownerOf(entry))
    return owner !== undefined && open.has(owner)
  })
}

/** The next places in guild order. A place for one copy, or with a party, counts towards its guild like any other. */
function inGuildOrder(head: readonly LineEntry[], { copies }: MapCensus): LineEntry[] {
  const byId = new Map(head.map((entry) => [entry.id, entry]))
  const inside = new Map<GuildId | undefined, number>()
  for (const { seats, guilds } of copies.values()) {
    let guilded = 0
    for (const [guild, members] of guilds) {
      inside.set(guild, (inside.get(guild) ?? 0) + members)
      guilded += members
    }
    inside.set(undefined, (inside.get(undefined) ?? 0) + seats.size - guilded)
  }
  const line = head.map(({ id, holders }) => ({ id, guild: holders[0]?.guild, size: holders.length }))
  return inFairOrder(line, inside)
    .slice(0, HEAD_PLACES)
    .flatMap(({ id }) => byId.get(id) ?? [])
}

/** Reasons for which a copy takes a party only later, when seats have come free. */
const noRoom: ReadonlySet<string | undefined> = new Set<Filter | undefined>(['soft cap', 'full', undefined])

/**
 * Chooses the copy in which a party gathers its seats: the one with most free seats, which every matchmaker finds by itself, and which changes only when another
 * one has more. `false`: not a party, or parties further ahead have all copies.
 */
function gathers({ candidates }: Ranking, { holders }: LineEntry, gathering: Set<CopyId>): boolean {
  if (holders.length === 1) return false
  const free = candidates
    .filter(({ copy, filtered, limit = 0 }) => noRoom.has(filtered) && limit >= holders.length && !gathering.has(copy))
    .map(({ copy, limit = 0, population = 0 }) => ({ copy, seats: limit - population }))
    .sort((a, b) => b.seats - a.seats || (a.copy < b.copy ? -1 : 1))
  const [best] = free
  if (best !== undefined) gathering.add(best.copy)
  return best !== undefined
}

/** Leaves the policy's margin free. Seats above the soft cap are only for company and need no margin. */
function leavingMargin(option: SeatOption, { capacity, queue }: MapPolicy): SeatOption {
  return option.limit > capacity.soft ? option : { ...option, limit: Math.max(0, option.limit - queue.admit.margin) }
}

/**
 * Whether a filter that applies only to this request excludes copies that others may enter, such as a requested copy, a protocol version or a region.
 */
function isBlockedByOwnLimits({ candidates }: Ranking, { kind }: MapPolicy): boolean {
  return kind === 'instance' || candidates.some(({ filtered }) => filtered !== undefined && ownLimits.has(filtered))
}

const ownLimits: ReadonlySet<string> = new Set<Filter>([
  'other copy',
  'party elsewhere',
  'protocol',
  'state version',
  'region',
  'latency',
  'other party',
  'other key',
])
