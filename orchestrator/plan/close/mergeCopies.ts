import { closingCopy } from '../../../model/copy.ts'
import type { MapName } from '../../../model/ids.ts'
import { patienceFactor } from '../budget/spending.ts'
import { comfortCapacity, freeSeats, mergeCapacity, mergeLimit } from '../view/capacity.ts'
import { age, count, type MapView, type OpenCopyView } from '../view/mapView.ts'
import { chooseSuccessors, companyOf } from './successors.ts'

/**
 * Limit of merge work in a round, in compared copies. Choosing the copy that loses least is the most expensive step of a round, and a merge can
 * wait: a map whose turn comes after the limit waits for the next round. It is reached only when thousands of copies become sparse in the same second
 * (`bench/planner`).
 */
const COMPARED_PER_ROUND = 2_000
/** The same limit for one map that has begun to merge: 4,000 sparse copies close 50 per round, and as many as may close within twenty rounds. */
const COMPARED_PER_MAP = 200_000

/** Merge work of a round, shared by all maps. */
export interface MergeWork {
  comparedCopies: number
  /** First map that has to wait for the next round. It is planned first then, so that a large map cannot keep the maps behind it waiting. */
  firstDeferred?: MapName
}

/** Closes sparse copies while the remaining copies hold all players below `comfortCapacity`, now and after the lead time. */
export function mergeCopies(view: MapView, work: MergeWork): void {
  const { policy, now, actions, map } = view
  // Operators hold the merges; or players wait, copies are opening, or a server is short of CPU, so that the map needs its copies.
  if (view.mergesHeld || view.strained.size > 0 || view.waiting > 0 || view.opens > 0 || view.opening.length > 0) return
  const before = work.comparedCopies
  while (view.usable.length > Math.max(policy.copies.min, 1)) {
    const remaining = view.usable.length - 1
    // Not below what the forecast needs: the next round would reopen the copy.
    if (view.forecast.later > mergeCapacity(view, remaining) || view.forecast.players > comfortCapacity(view, remaining)) return
    if (work.comparedCopies - before >= COMPARED_PER_MAP) return
    if (view.company === undefined && work.comparedCopies >= COMPARED_PER_ROUND) {
      work.firstDeferred ??= map
      return
    }
    const candidate = cheapestToClose(view)
    if (candidate === undefined) return
    work.comparedCopies += view.usable.length
    const successors = chooseSuccessors(view, candidate)
    const empty = candidate.players === 0
    // The free seats are only in copies that the players cannot move to (`canMove`).
    if (successors.length === 0 && !empty) return
    const why = empty
      ? `${candidate.id} is empty, and ${count(remaining, 'copy')} hold the ${count(view.players, 'player')} of the map`
      : `${candidate.id} holds ${count(candidate.players, 'player')}, under ${Math.round(policy.merge.below * 100)} % of ${policy.capacity.soft}; ` +
        `${count(remaining, 'copy')} hold all ${view.players} (at most ${Math.round(view.forecast.later)} expected)`
    const closing = {
      reason: empty ? ('empty' as const) : ('merge' as const),
      deadline: now + policy.merge.deadlineMs * Math.max(1, patienceFactor(view.prices, view.constants)),
      successors,
    }
    actions.push({ type: 'close', map, copy: candidate.id, ...closing, why })
    view.usable = view.usable.filter((other) => other !== candidate)
    companyOf(view).remove(candidate.census)
    view.closing.push({ ...candidate, copy: closingCopy(candidate.copy, closing, now) })
  }
}

/** The copy whose closing loses least: sparse, old enough, and its players fit into the free seats of the others below `mergeLimit`. */
function cheapestToClose(view: MapView): OpenCopyView | undefined {
  const { policy, now } = view
  const limit = mergeLimit(policy)
  let promised = 0
  for (const { players } of view.closing) promised += players
  let free = -promised
  for (const other of view.usable) free += freeSeats(limit, other)
  const below = policy.merge.below * policy.capacity.soft
  let [best, leastLoss]: [OpenCopyView | undefined, number] = [undefined, Number.POSITIVE_INFINITY]
  for (const candidate of view.usable) {
    if (candidate.players >= below || age(candidate, now) < policy.merge.minAgeMs || view.pinned.has(candidate.id)) continue
    if (free - freeSeats(limit, candidate) < candidate.players) continue
    const loss = lossOf(view, candidate)
    if (loss < leastLoss || (loss === leastLoss && best !== undefined && candidate.id < best.id)) [best, leastLoss] = [candidate, loss]
  }
  return best
}

/** Players who have to move, plus the guild-mates who are separated; less when the best successor already holds their guilds. */
function lossOf(view: MapView, { players, census }: OpenCopyView): number {
  return players + companyOf(view).separatedBy(census) / view.constants.pairsPerPlayer
}
