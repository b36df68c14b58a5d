import { type ClosingStanding, count, type MapView } from '../view/mapView.ts'
import { chooseSuccessors } from './successors.ts'

/**
 * Copies on servers that are to be emptied get successors. `openCopies` has run before and does not count them, so that
 * what is missing is on the way; closing waits for the first successor: a closed copy without one would hold people who
 * can neither stay nor go. New people keep out of a draining server by the placer's own rule.
 */
export function drainServers(view: MapView): void {
  const { map, now, policy, actions } = view
  for (const { id, copy } of view.openingOnDraining) {
    const why = `server ${copy.server} is to be emptied before ${id} opened`
    actions.push({ type: 'close', map, copy: id, reason: 'drain', successors: [], deadline: now, why })
  }
  for (const standing of view.onDraining) {
    const successors = chooseSuccessors(view, standing)
    if (successors.length === 0 && standing.players > 0) continue
    const closing = { reason: 'drain' as const, successors, deadline: Math.min(now + policy.merge.deadlineMs, view.forcedMovesStart(standing.copy)) }
    const why = `server ${standing.copy.server} is to be emptied; ${count(standing.players, 'player')} of ${standing.id} go to ${successors.join(', ') || 'nowhere: it is empty'}`
    actions.push({ type: 'close', map, copy: standing.id, ...closing, why })
    const closed: ClosingStanding = { ...standing, copy: { ...standing.copy, state: 'closing', since: now, ...closing } }
    view.closing.push(closed)
  }
}
