import type { Instant } from '../../../model/clock.ts'
import type { CopyId } from '../../../model/ids.ts'
import type { MapView } from '../view/mapView.ts'

/**
 * Closes instances that have been empty for as long as the policy says: a party that dropped, or went to repair its armour, finds
 * its own again until then. Adds to `emptySince` those that are empty and stay; a new leader begins to count anew.
 */
export function closeInstances(view: MapView, before: ReadonlyMap<CopyId, Instant> | undefined, emptySince: Map<CopyId, Instant>): void {
  const { map, policy, now, actions, onDraining } = view
  for (const standing of [...view.usable, ...onDraining]) {
    if (standing.players > 0) continue
    const since = before?.get(standing.id) ?? now
    emptySince.set(standing.id, since)
    // A server that is to be emptied is not kept for whom it does not let in any more.
    if (now - since < policy.instance.closeAfterMs && !onDraining.includes(standing)) continue
    const why = `${standing.id} has been empty for ${Math.round((now - since) / 1000)} s`
    actions.push({ type: 'close', map, copy: standing.id, reason: 'empty', successors: [], deadline: now, why })
  }
}
