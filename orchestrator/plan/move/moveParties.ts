import type { Instant } from '../../../model/clock.ts'
import type { CharacterId, CopyId, GuildId, PartyId } from '../../../model/ids.ts'
import type { MapPolicy } from '../../../model/policy/policy.ts'
import type { Seat } from '../../../model/seat.ts'
import { type ClosingStanding, count, type MapView, type OpenStanding, type Standing } from '../view/mapView.ts'
import { intoLimit, roomUnder } from '../view/room.ts'
import type { MoveBudget } from './moveBudget.ts'

/** A party of a closing copy, or somebody alone: moved together or not at all (rule P1). */
export interface Group {
  party?: PartyId
  seats: Seat[]
}

/** Orders people out of closing copies, to where their company is, no faster than the policy allows. */
export function moveParties(view: MapView, moving: ReadonlySet<CharacterId>, budget: MoveBudget): void {
  for (const closing of view.closing) if (closing.players > 0) empty(view, closing, moving, budget)
}

function empty(view: MapView, closing: ClosingStanding, moving: ReadonlySet<CharacterId>, budget: MoveBudget): void {
  const { policy, now, map, actions } = view
  const { copy } = closing
  const overdue = now >= copy.deadline
  if (waitsForThemToLeave(closing, policy, now) || budget.left(policy) <= 0) return
  // Past the deadline, or when the server goes away, leaving weighs more than being moved twice.
  const must = overdue || copy.reason === 'drain'
  const limit = must ? policy.capacity.hard : intoLimit(policy)
  const targets = targetsOf(view, closing, limit)
  if (targets.length === 0) return
  for (const { party, seats } of groupsOf(closing)) {
    const left = budget.left(policy)
    if (left <= 0) return
    // A party larger than the whole budget of a minute goes when the budget is untouched.
    if (seats.length > left && left < policy.moves.perMinute) continue
    if (seats.some((seat) => seat.state !== 'taken' || moving.has(seat.character))) continue
    if (!must && !seats.every(({ character }) => budget.allows(character, policy, copy.since))) continue
    if (must && !seats.every(({ character }) => budget.allowsAgain(character, copy.since))) continue
    const to = bestTarget(targets, party, seats, limit, policy.capacity.hard)
    if (to === undefined) continue
    const characters = seats.map(({ character }) => character)
    const why = `${closing.id} closes (${copy.reason}), ${count(closing.players, 'player')} left; ${to.id} has ${to.players} of ${limit}${overdue ? '; its deadline has passed' : ''}`
    // An operator who closes a copy drains it: there is nothing that it is merged for.
    const cause = copy.reason === 'drain' || copy.reason === 'operator' ? 'drain' : 'merge'
    actions.push({ type: 'move', map, from: closing.id, to: to.id, ...(party === undefined ? {} : { party }), characters, cause, deadline: copy.deadline, why })
    budget.spend(policy, characters)
    to.players += seats.length
    closing.players -= seats.length
  }
}

/**
 * Most people leave a map by themselves within the hour, and whoever comes back is placed well: that is a transition of their own,
 * and no move against their will. So a copy that merges waits, until few are left or its patience ends.
 */
function waitsForThemToLeave({ census, copy }: ClosingStanding, { merge }: MapPolicy, now: Instant): boolean {
  if (copy.reason !== 'merge' || census.seats.size <= merge.rest) return false
  return now - copy.since < merge.patienceMs && now < copy.deadline
}

/** The successors that can still take somebody in; when none can, every copy that can, and the closing copy learns of it. */
function targetsOf(view: MapView, closing: ClosingStanding, limit: number): OpenStanding[] {
  const open = view.usable.filter((other) => roomUnder(limit, other) > 0 && view.canGo(closing.copy, other.copy))
  const named = open.filter(({ id }) => closing.copy.successors.includes(id))
  if (named.length > 0 || open.length === 0) return named
  const successors: CopyId[] = open
    .toSorted((a, b) => b.players - a.players || (a.id < b.id ? -1 : 1))
    .slice(0, 5)
    .map(({ id }) => id)
  const why = `none of ${closing.copy.successors.join(', ') || 'no successors'} takes anybody in any more; ${count(closing.players, 'player')} of ${closing.id} go to ${successors.join(', ')}`
  view.actions.push({ type: 'retarget', map: view.map, copy: closing.id, successors, why })
  return open.filter(({ id }) => successors.includes(id))
}

/** Everybody inside, by party. */
export function groupsOf({ census }: Standing): Group[] {
  const parties = new Map<PartyId, Seat[]>()
  const groups: Group[] = []
  for (const seat of census.seats.values()) {
    if (seat.party === undefined) {
      groups.push({ seats: [seat] })
      continue
    }
    const members = parties.get(seat.party)
    if (members !== undefined) members.push(seat)
    else {
      const first = [seat]
      parties.set(seat.party, first)
      groups.push({ party: seat.party, seats: first })
    }
  }
  return groups
}

/** Where the rest of their party is (there up to the hard cap), else where most guild-mates are, else the fullest. */
function bestTarget(targets: OpenStanding[], party: PartyId | undefined, seats: Seat[], limit: number, hard: number): OpenStanding | undefined {
  if (party !== undefined) {
    const theirs = targets.find(({ census }) => (census.parties.get(party) ?? 0) > 0)
    if (theirs !== undefined) return theirs.players + seats.length <= hard ? theirs : undefined
  }
  let best: OpenStanding | undefined
  let bestMates = -1
  for (const target of targets) {
    if (target.players + seats.length > limit) continue
    const mates = matesIn(target, seats)
    if (best === undefined || mates > bestMates || (mates === bestMates && target.players > best.players)) [best, bestMates] = [target, mates]
  }
  return best
}

function matesIn({ census }: OpenStanding, seats: Seat[]): number {
  let mates = 0
  const guilds = new Set<GuildId>(seats.flatMap(({ guild }) => guild ?? []))
  for (const guild of guilds) mates += census.guilds.get(guild) ?? 0
  return mates
}
