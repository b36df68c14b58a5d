import { closingCopy } from '../../../model/copy.ts'
import { count, type MapView } from '../view/mapView.ts'
import { chooseSuccessors } from './successors.ts'

/**
 * Closes the copies on draining servers. `openCopies` ran before and did not count them, so replacements are already opening. A copy with players
 * waits for its first successor: without one, its players could neither stay nor move. The matchmaker's placer keeps new players out of draining
 * servers.
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
    if (successors.length === 0 && players > 0) continue
    const closing = { reason: 'drain' as const, successors, deadline: Math.min(now + policy.merge.deadlineMs, view.forcedMovesStart(copy)) }
    const why = `server ${copy.server} is draining; ${id} ${players === 0 ? 'is empty' : `sends ${count(players, 'player')} to ${successors.join(', ')}`}`
    actions.push({ type: 'close', map, copy: id, ...closing, why })
    view.closing.push({ ...leaving, copy: closingCopy(copy, closing, now) })
  }
}
