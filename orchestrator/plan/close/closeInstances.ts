import type { Instant } from '../../../model/clock.ts'
import type { CopyId } from '../../../model/ids.ts'
import type { MapView } from '../view/mapView.ts'

/**
 * Closes instances that have been empty for `instance.closeAfter`, so that a party that disconnected or left for a short time finds its own instance
 * again. Records in `emptySince` since when each instance is empty. A new leader starts counting from zero.
 */
export function closeInstances(view: MapView, before: ReadonlyMap<CopyId, Instant> | undefined, emptySince: Map<CopyId, Instant>): void {
  const { map, policy, now, actions, onDraining } = view
  for (const instance of [...view.usable, ...onDraining]) {
    if (instance.players > 0) continue
    const since = before?.get(instance.id) ?? now
    emptySince.set(instance.id, since)
    // On a draining server an empty instance closes at once: its party could not enter it again.
    if (now - since < policy.instance.closeAfterMs && !onDraining.includes(instance)) continue
    const why = `${instance.id} has been empty for ${Math.round((now - since) / 1000)} s`
    actions.push({ type: 'close', map, copy: instance.id, reason: 'empty', successors: [], deadline: now, why })
  }
}
