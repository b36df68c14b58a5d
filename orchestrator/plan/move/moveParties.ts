import type { CopyCensus } from '../../../model/census.ts'
import { type Copy, hasToEnd } from '../../../model/copy.ts'
import { defined } from '../../../model/defined.ts'
import type { CharacterId, CopyId, PartyId } from '../../../model/ids.ts'
import type { Seat } from '../../../model/seat.ts'
import { NO_PEOPLE } from '../../../score/people.ts'
import { rankTargets } from '../../../score/rankTargets.ts'
import { patienceFactor } from '../budget/spending.ts'
import { freeSeats, mergeLimit } from '../view/capacity.ts'
import { type ClosingCopyView, type CopyView, count, type MapView, type OpenCopyView } from '../view/mapView.ts'
import type { MoveBudget } from './moveBudget.ts'

/** A party of a copy, or one player without a party: moved together or not at all (rule P1). */
export interface Group {
  party?: PartyId
  seats: Seat[]
  /** One member of a party that does not fit into any copy. */
  apart?: true
}

/** Copies that the players of a closing copy may be moved to, and the most players there. */
interface Targets {
  targets: OpenCopyView[]
  limit: number
  /** Whether members of a party may go to different copies, because the closing copy has to end. */
  evenApart: boolean
}

/** Orders players out of closing copies to the copies that the scorer ranks first for them, no faster than the policy allows. */
export function moveParties(view: MapView, moving: ReadonlySet<CharacterId>, budget: MoveBudget): void {
  for (const closing of view.closing) if (closing.players > 0) emptyCopy(view, closing, moving, budget)
}

function emptyCopy(view: MapView, closing: ClosingCopyView, moving: ReadonlySet<CharacterId>, budget: MoveBudget): void {
  const { policy, now, map, actions } = view
  const { copy } = closing
  const overdue = now >= copy.deadline
  if (waitsForDepartures(closing.census, copy, view) || budget.left(view) <= 0) return
  // After the deadline, or when the server ends, everybody must leave, even a player who was moved a short time ago.
  const must = overdue || copy.reason === 'drain'
  const limit = must ? policy.capacity.hard : mergeLimit(policy)
  const targets = targetsOf(view, closing, limit)
  if (targets.length === 0) return
  // A copy whose server ends, or that an operator closed, must end. A party for which no copy has room, and none is opening, is then moved one by
  // one (rules C2, P1).
  const noneOpening = view.opens === 0 && view.opening.length === 0
  const evenApart = overdue && noneOpening && hasToEnd(copy)
  const options = { targets, limit, evenApart }
  const groups = groupsOf(closing)
  for (const group of evenApart ? groups.flatMap((group) => (bestTarget(view, options, group) === undefined ? oneByOne(group) : [group])) : groups) {
    const { party, seats, apart } = group
    const left = budget.left(view)
    if (left <= 0) return
    // A party larger than the budget of a whole minute moves when nothing of the budget is spent.
    if (seats.length > left && left < policy.moves.perMinute) continue
    if (seats.some((seat) => seat.state !== 'taken' || moving.has(seat.character))) continue
    if (!must && !seats.every(({ character }) => budget.allows(character, view, copy.since))) continue
    if (must && !seats.every(({ character }) => budget.allowsAgain(character, copy.since))) continue
    const to = bestTarget(view, options, group)
    if (to === undefined) continue
    const characters = seats.map(({ character }) => character)
    const why = `${closing.id} closes (${copy.reason}), ${count(closing.players, 'player')} left; ${to.id} has ${to.players} of ${limit}${overdue ? '; its deadline has passed' : ''}`
    // A copy that an operator closes is drained: it is not closed for the sake of a merge.
    const cause = hasToEnd(copy) ? 'drain' : 'merge'
    actions.push({ type: 'move', map, from: closing.id, to: to.id, ...defined({ party, apart }), characters, cause, deadline: copy.deadline, why })
    budget.spend(view, characters)
    to.players += seats.length
    closing.players -= seats.length
  }
}

/**
 * Whether a merging copy still waits for its players to leave by themselves, until `merge.rest` players are left or `merge.patience` ends. Most players
 * leave a map within the hour; when they come back they are placed in another copy, and no move against their will was needed.
 */
export function waitsForDepartures(
  { seats }: CopyCensus,
  copy: Copy & { state: 'closing' },
  { policy: { merge }, prices, constants, now }: Pick<MapView, 'policy' | 'prices' | 'constants' | 'now'>,
): boolean {
  if (copy.reason !== 'merge' || seats.size <= merge.rest) return false
  return now - copy.since < merge.patienceMs * patienceFactor(prices, constants) && now < copy.deadline
}

/**
 * The successors with free seats; on a map with no more copies than `successors` all copies with free seats, because which of them suits a player is decided for each player. When
 * no successor has a free seat, the closing copy gets new ones.
 */
function targetsOf(view: MapView, closing: ClosingCopyView, limit: number): OpenCopyView[] {
  const able = view.usable.filter((other) => freeSeats(limit, other) > 0 && view.canMove(closing.copy, other.copy))
  // A copy that has to end may not wait for a server to recover (rule C2).
  const calm = able.filter(({ id }) => !view.strained.has(id))
  const open = calm.length === 0 && hasToEnd(closing.copy) ? able : calm
  const named = open.filter(({ id }) => closing.copy.successors.includes(id))
  if (named.length > 0 || open.length === 0) return open.length <= view.constants.successors ? open : named
  const successors: CopyId[] = open
    .toSorted((a, b) => b.players - a.players || (a.id < b.id ? -1 : 1))
    .slice(0, view.constants.successors)
    .map(({ id }) => id)
  const why = `${closing.copy.successors.join(', ') || 'no successor'} can take no more players; ${count(closing.players, 'player')} of ${closing.id} go to ${successors.join(', ')}`
  view.actions.push({ type: 'retarget', map: view.map, copy: closing.id, successors, why })
  return open.filter(({ id }) => successors.includes(id))
}

/** The seats of a copy by party. */
export function groupsOf({ census }: CopyView): Group[] {
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

function oneByOne({ party, seats }: Group): Group[] {
  return seats.map((seat) => ({ ...defined({ party }), seats: [seat], apart: true }))
}

/**
 * The copy that the scorer ranks first among those with room, as for a newcomer: what the seats say of guild, languages and attributes counts, and the people
 * whom the planner got. With the rest of the party there is only one copy, up to the hard cap, unless the copy has to end (`evenApart`).
 */
function bestTarget(view: MapView, { targets, limit, evenApart }: Targets, { party, seats }: Group): OpenCopyView | undefined {
  if (party !== undefined) {
    const withParty = targets.find(({ census }) => (census.parties.get(party) ?? 0) > 0)
    if (withParty !== undefined && withParty.players + seats.length <= view.policy.capacity.hard) return withParty
    if (withParty !== undefined && !evenApart) return undefined
  }
  const roomy = targets.filter(({ players }) => players + seats.length <= limit)
  if (roomy.length <= 1) return roomy[0]
  const members = seats.map((holder) => ({ ...(view.people.get(holder.character) ?? NO_PEOPLE), holder }))
  const request = { map: view.map, members, protocol: 0, ...defined({ party }) }
  const [best] = rankTargets(
    request,
    roomy.map(({ census }) => census),
    view.policy,
    view.constants,
  )
  return roomy.find(({ id }) => id === best)
}
