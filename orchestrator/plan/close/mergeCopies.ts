import type { MapName } from '../../../model/ids.ts'
import { age, type ClosingStanding, count, type MapView, type OpenStanding } from '../view/mapView.ts'
import { comfortable, intoLimit, roomUnder, sparse } from '../view/room.ts'
import { chooseSuccessors, companyOf } from './successors.ts'

/** Of the copies of a map, at most this share closes at a time: what leaves one has to find its place before the next. */
const CLOSING_SHARE = 0.34

/**
 * Weighing who loses least by a closing is the dearest thing that a round does, and no second of it matters: a round weighs so many
 * copies, and the maps after them in the next one. Felt only where thousands empty in the same second (bench planner).
 */
const WEIGHED_A_ROUND = 2_000
/** A map that has begun goes on, but with thousands of copies that are all sparse not to its end: 50 of 4,000 close in a round, and all that may in twenty. */
const WEIGHED_A_MAP = 200_000

/** One for all maps of a round. */
export interface Weighed {
  copies: number
  /** The first map that has to wait for the next round, in which it comes first: else those behind a big map that empties would wait until that is over. */
  waits?: MapName
}

/** Closes sparse copies while those that stay hold everybody in comfort, now and after the lead time. */
export function mergeCopies(view: MapView, weighed: Weighed): void {
  const { policy, now, actions, map } = view
  // Somebody waits, or more is on the way: not the time to give up copies.
  if (view.waiting > 0 || view.opens > 0 || view.opening.length > 0) return
  const before = weighed.copies
  const atOnce = Math.max(1, Math.floor(CLOSING_SHARE * view.usable.length))
  while (view.closing.length < atOnce && view.usable.length > Math.max(policy.copies.min, 1)) {
    const stay = view.usable.length - 1
    // Never into the forecast: what closes now would be called back in the next round.
    if (view.forecast.later > sparse(view, stay) || view.forecast.players > comfortable(view, stay)) return
    if (weighed.copies - before >= WEIGHED_A_MAP) return
    if (view.company === undefined && weighed.copies >= WEIGHED_A_ROUND) {
      weighed.waits ??= map
      return
    }
    const candidate = sparsest(view)
    if (candidate === undefined) return
    weighed.copies += view.usable.length
    const successors = chooseSuccessors(view, candidate)
    const empty = candidate.players === 0
    // There is room, but for clients of another protocol.
    if (successors.length === 0 && !empty) return
    const why = empty
      ? `${candidate.id} is empty, and ${count(stay, 'copy')} hold the ${count(view.players, 'player')} of the map`
      : `${candidate.id} holds ${count(candidate.players, 'player')}, under ${Math.round(policy.merge.below * 100)} % of ${policy.capacity.soft}; ` +
        `${count(stay, 'copy')} hold all ${view.players} (at most ${Math.round(view.forecast.later)} expected)`
    const closing = { reason: empty ? ('empty' as const) : ('merge' as const), deadline: now + policy.merge.deadlineMs, successors }
    actions.push({ type: 'close', map, copy: candidate.id, ...closing, why })
    const standing: ClosingStanding = { ...candidate, copy: { ...candidate.copy, state: 'closing', since: now, ...closing } }
    view.usable = view.usable.filter((other) => other !== candidate)
    companyOf(view).remove(candidate.census)
    view.closing.push(standing)
  }
}

/**
 * The copy whose people lose least by going. Only one that is sparse, old enough, and whose people fit into what the others
 * have left under `into`.
 */
function sparsest(view: MapView): OpenStanding | undefined {
  const { policy, now } = view
  const limit = intoLimit(policy)
  let promised = 0
  for (const { players } of view.closing) promised += players
  let room = -promised
  for (const other of view.usable) room += roomUnder(limit, other)
  const below = policy.merge.below * policy.capacity.soft
  let [least, leastLoss]: [OpenStanding | undefined, number] = [undefined, Number.POSITIVE_INFINITY]
  for (const standing of view.usable) {
    if (standing.players >= below || age(standing, now) < policy.merge.minAgeMs) continue
    if (room - roomUnder(limit, standing) < standing.players) continue
    const loss = lossOf(view, standing)
    if (loss < leastLoss || (loss === leastLoss && least !== undefined && standing.id < least.id)) [least, leastLoss] = [standing, loss]
  }
  return least
}

/** So many pairs of guild-mates weigh as much as one more person who has to go. */
const PAIRS_A_PERSON = 8

/** Everybody who has to go, and the guilds that closing would tear before it unites them elsewhere; less where they are waited for. */
function lossOf(view: MapView, { players, census }: OpenStanding): number {
  return players + companyOf(view).tornBy(census) / PAIRS_A_PERSON
}
