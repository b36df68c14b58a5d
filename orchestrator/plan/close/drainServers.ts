import { closingCopy } from '../../../model/copy.ts'
import { count, type MapView } from '../view/mapView.ts'
import { chooseSuccessors } from './successors.ts'

/**
 * Closes the copies on draining servers. `openCopies` ran before and did not count them, so replacements are already opening. A copy closes before its
 * replacement has opened, with no successor yet: from then on the scorer keeps the replacement's seats for its players (`seatsForMoves`). `moveParties` names
 * the successors when copies with free seats exist, and until then everybody plays on.
 */
export function drainServers(view: MapView): void {
  const { map, now, policy, actions } = view
  for (const { id, copy } of view.openingOnDraining) {
    const why = `server ${copy.server} is draining, and ${id} has not opened yet`
    actions.push({ type: 'close', map, copy: id, reason: 'drain', successors: [], deadline: now, why })
  }
  for (const leaving of view.onDraining) {
    const { id, copy, players } = leaving
    const successors = chooseSuccessors(view, leaving)
    // The time for busy players begins when they can be moved.
    const opensAt = now + (successors.length === 0 && players > 0 ? policy.open.leadTimeMs : 0)
    const closing = { reason: 'drain' as const, successors, deadline: Math.min(opensAt + policy.merge.deadlineMs, view.forcedMovesStart(copy)) }
    const where = successors.length === 0 ? 'copies that have to open' : successors.join(', ')
    const why = `server ${copy.server} is draining; ${id} ${players === 0 ? 'is empty' : `sends ${count(players, 'player')} to ${where}`}`
    actions.push({ type: 'close', map, copy: id, ...closing, why })
    view.closing.push({ ...leaving, copy: closingCopy(copy, closing, now) })
  }
}
