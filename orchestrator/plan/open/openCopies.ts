import { hasToEnd } from '../../../model/copy.ts'
import { freeSeats, openAndOpening, wantedCopies } from '../view/capacity.ts'
import { count, type MapView } from '../view/mapView.ts'

/** Opens copies before players reach the soft cap: for those present, those in line, and those expected by the time the copy is open. */
export function openCopies(view: MapView): void {
  const before = openAndOpening(view)
  const wanted = wantedCopies(view, before)
  if (wanted <= before) {
    openForDisplaced(view)
    return
  }
  const { map, actions } = view
  const why = reasonFor(view, before, wanted)
  for (let opened = before; opened < wanted; opened++) actions.push({ type: 'open', map, why })
  view.opens += wanted - before
}

function reasonFor({ policy, players, waiting, strained, forecast }: MapView, before: number, wanted: number): string {
  if (players + waiting === 0 && strained.size === 0) return `${count(before, 'copy')} of at least ${policy.copies.min} (min)`
  const expected = `${count(players, 'player')}, ${waiting} waiting, ${Math.round(forecast.players)} expected in ${policy.open.leadTimeMs / 1000} s`
  if (strained.size > 0) return `${expected}: ${strained.size} of ${count(before, 'copy')} cannot take newcomers (server short of CPU); ${wanted} are wanted`
  const seats = `${before * policy.capacity.soft} soft seats in ${count(before, 'copy')}`
  return `${expected}: above ${Math.round(policy.open.above * 100)} % of the ${seats}; ${wanted} are wanted`
}

/**
 * Opens copies above `copies.max` for players of copies that have to end and for whom the other copies have no seats: a designer lowered a cap, or a
 * server came back with its players after others had taken their seats. Without them such a copy would not get empty (rule C2). Merges close the copies that
 * are above the limit as soon as the players fit into fewer.
 */
function openForDisplaced(view: MapView): void {
  const { policy, map, actions } = view
  const { hard } = policy.capacity
  let displaced = 0
  for (const { players } of view.onDraining) displaced += players
  for (const { copy, players } of view.closing) if (hasToEnd(copy)) displaced += players
  if (displaced === 0) return
  let free = (view.opening.length + view.opens) * hard
  for (const copy of view.usable) free += freeSeats(hard, copy)
  const more = Math.ceil((displaced - free) / hard)
  if (more <= 0) return
  const why = `${count(displaced, 'player')} of copies that have to end, and ${count(free, 'free seat')} in the other copies; ${policy.copies.max} (max) does not hold for them`
  for (let opened = 0; opened < more; opened++) actions.push({ type: 'open', map, why })
  view.opens += more
}
